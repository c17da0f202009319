/* Numbers and limits of the TLDT protocol, version 3: docs/PROTOCOL.md.
 * The C twin of packages/core/src/protocol/messages.ts; a test holds the two to each other. */
#ifndef TLDT_PROTOCOL_H
#define TLDT_PROTOCOL_H

#define TLDT_MAGIC 0x544C4454u
#define TLDT_VERSION_MIN 3u
#define TLDT_VERSION_MAX 3u

#define TLDT_HEADER_SIZE 12u
#define TLDT_MAX_DATA 65536u
#define TLDT_MAX_EXECUTE (8u << 20)
#define TLDT_MAX_STRINGS (1u << 20)
#define TLDT_OUTPUT_WINDOW 262144u
#define TLDT_CREDIT_STEP 65536u
/* The most that WANT asks for at a time; it comes in frames of TLDT_MAX_DATA. */
#define TLDT_MAX_WANTED (1u << 20)
#define TLDT_HASH_SIZE 32u
#define TLDT_WANT_SIZE (13u + TLDT_HASH_SIZE)
#define TLDT_NONE 0xFFFFFFFFu
/* Of authentication: nonces and proofs have one size. */
#define TLDT_NONCE_SIZE 32u
#define TLDT_PROOF_SIZE 32u
#define TLDT_SECRET_LEAST 32u
#define TLDT_SECRET_MOST 1024u

enum tldt_message {
	TLDT_HELLO = 1,
	TLDT_WELCOME = 2,
	TLDT_REFUSE = 3,
	TLDT_PING = 4,
	TLDT_PONG = 5,
	TLDT_CHALLENGE = 6,
	TLDT_PROOF = 7,
	TLDT_ANSWER = 8,
	TLDT_PAUSE = 9,
	TLDT_EXECUTE = 16,
	TLDT_STARTED = 17,
	TLDT_FAILED = 18,
	TLDT_ENDED = 19,
	TLDT_SIGNAL = 20,
	TLDT_CANCEL = 21,
	TLDT_RELEASE = 22,
	TLDT_STOPPED = 23,
	TLDT_RESIZE = 24,
	TLDT_TERMINAL_MODES = 25,
	TLDT_KEY = 26,
	TLDT_WANT = 27,
	TLDT_FILE_PART = 28,
	TLDT_DATA = 32,
	TLDT_EOF = 33,
	TLDT_CREDIT = 34,
	TLDT_CLOSED = 35,
	TLDT_CONSUMED = 36
};

enum tldt_role { TLDT_ROLE_CLIENT = 1, TLDT_ROLE_MANAGER = 2, TLDT_ROLE_STARTER = 3 };

enum tldt_stream { TLDT_STDIN = 0, TLDT_STDOUT = 1, TLDT_STDERR = 2 };

enum tldt_kind {
	TLDT_CLOSED_STREAM = 0,
	TLDT_NULL = 1,
	TLDT_FILE = 2,
	TLDT_PIPE = 3,
	TLDT_TERMINAL = 4,
	TLDT_DIRECTORY = 5,
	TLDT_OTHER_WAY = 6,
	TLDT_FULL = 7
};

enum tldt_welcome_flag { TLDT_EXPLAIN_NESTED = 1 };

enum tldt_ability { TLDT_HAS_TERMINALS = 1 };

enum tldt_want { TLDT_WANT_MISSING = 1, TLDT_WANT_DIFFERENT = 2, TLDT_WANT_NEXT = 3 };

enum tldt_file {
	TLDT_FILE_SAME = 1,
	TLDT_FILE_BYTES = 2,
	TLDT_FILE_LAST = 3,
	TLDT_FILE_UNAVAILABLE = 4,
	TLDT_FILE_OTHER = 5
};

#define TLDT_LIMITS 16
/* Where EXECUTE has the identity of the file: size, mtime and inode, 8 bytes each. */
#define TLDT_EXECUTE_FILE (40u + 16u * TLDT_LIMITS)
#define TLDT_MAX_TERMINAL 1024u

enum tldt_execute_flag { TLDT_SAME_OUTPUT = 1, TLDT_FORCED = 2 };

enum tldt_failure {
	TLDT_UNAVAILABLE = 1,
	TLDT_NOT_FOUND = 2,
	TLDT_CANNOT_EXECUTE = 3,
	TLDT_NO_DIRECTORY = 4,
	TLDT_LAUNCH = 5,
	TLDT_LOST = 6,
	TLDT_VERSION = 7,
	TLDT_INTERNAL = 8,
	TLDT_RESOURCES = 9,
	TLDT_REFUSED = 10
};

enum tldt_ended { TLDT_EXITED = 0, TLDT_KILLED = 1 };

#endif

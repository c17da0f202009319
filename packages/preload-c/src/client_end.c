/* Ending as the program did, or with TLDT's own status and one line that says why. */
#include "client.h"

_Noreturn void client_fail(int status, const struct iovec *words, int count) {
	struct iovec line[12] = {WORDS("tldt: ")};
	int parts = 1;
	while (count-- > 0) line[parts++] = *words++;
	line[parts++] = WORDS("\n");
	sys_writev(2, line, parts);
	sys_exit(status);
}

_Noreturn void client_die(int signal) {
	const signal_set set = SIGNAL_BIT(signal);
	/* The program's core is on its host. RLIMIT_CORE would not do: the kernel ignores it when cores go to a pipe. */
	sys_prctl(PR_SET_DUMPABLE, 0);
	signal_set_action(signal, SIG_DFL);
	sys_kill(sys_getpid(), signal);
	sys_signal_mask(SIG_UNBLOCK, &set, NULL);
	sys_exit(128 + signal);
}

static const char *error_words(int error) {
	switch (error) {
	case ENOSPC:
		return "no space left on device";
	case EDQUOT:
		return "disk quota exceeded";
	case EFBIG:
		return "file too large";
	case EIO:
		return "input/output error";
	case EBADF:
		return "it is not open for writing";
	default:
		return "the write failed";
	}
}

/* Output that could not be written must not pass for a success of the program. */
static void fail_for_lost_output(const struct client *client) {
	for (int i = 1; i < 3; i++) {
		const struct client_output *output = &client->outputs[i];
		struct iovec stream = i == 1 ? WORDS("standard output") : WORDS("standard error");
		struct iovec why = STRING(error_words(output->error));
		struct iovec words[] = {STRING(client->path), WORDS(": cannot write its "), stream, WORDS(": "), why};
		if (output->error != 0) client_fail(STATUS_TLDT_FAILED, words, COUNT(words));
	}
}

/* What the program wrote into its directory is seen here before whoever waits for this process goes on: a network file system may
 * still take for missing what was looked for before. */
static void directory_revalidate(void) {
	int directory = (int)sys_open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0) return;
	sys_synchronize(directory);
	sys_close(directory);
}

_Noreturn void client_end(const struct client *client) {
	const struct ended *ended = &client->ended;
	struct iovec message = {client->message.bytes, client->message.length};
	struct iovec path = STRING(client->path);
	/* A program leaves its terminal as it likes. */
	if (client->end != CLIENT_ENDED) client_terminal_restore(client);
	if (client->end == CLIENT_ENDED) {
		directory_revalidate();
		if (ended->how == TLDT_KILLED && ended->code >= 1 && ended->code <= LAST_SIGNAL) client_die(ended->code);
		if (ended->how == TLDT_KILLED) sys_exit(128 + ended->code);
		if (ended->code == 0) fail_for_lost_output(client);
		sys_exit(ended->code);
	}
	if (client->end == CLIENT_FAILED) {
		/* Whoever sent no words has said them elsewhere. */
		if (message.iov_len == 0) sys_exit(client->exit_status);
		client_fail(client->exit_status, &message, 1);
	}
	if (client->end == CLIENT_REFUSED) {
		struct iovec words[] = {path, WORDS(": the session refused this client: "), message};
		client_fail(STATUS_TLDT_FAILED, words, COUNT(words));
	}
	if (client->end == CLIENT_NONSENSE) {
		struct iovec words[] = {
		    path, WORDS(": the session sent what is not the protocol; start the build again under 'tldt exec'")};
		client_fail(STATUS_TLDT_FAILED, words, COUNT(words));
	}
	struct iovec words[] = {
	    path, WORDS(": lost the connection to the session while it ran; start the build again under 'tldt exec'")};
	client_fail(STATUS_TLDT_FAILED, words, COUNT(words));
}

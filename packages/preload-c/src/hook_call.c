#include "hook_call.h"

#include <errno.h>
#include <stddef.h>

#include "hook_actions.h"
#include "hook_call_real.h"
#include "hook_decide.h"
#include "hook_descriptor.h"
#include "hook_file.h"
#include "hook_path.h"
#include "hook_room.h"
#include "hook_session.h"
#include "hook_table.h"
#include "hook_text.h"

static int call_alternative(const struct session *session, const struct call *call, const char *alternative, bool hooked) {
	const struct call other = call_of_program(call, alternative, call->argv);
	return call_real_repaired(&other, session->hook, hooked);
}

static int call_alternative_beside(const struct session *session, const struct call *call, const char *path, bool hooked) {
	char name[alternative_size(path)];
	alternative_name(path, name);
	return call_alternative(session, call, name, hooked);
}

/* [client, path, argv0, args...], as binfmt_misc passes them with its flag P. */
static int call_client(const struct session *session, const struct call *call, const char *path) {
	size_t given = 0;
	while (call->argv != NULL && call->argv[given] != NULL)
		given++;
	const size_t count = 2 + (given == 0 ? 1 : given) + 1;
	char *stack[room_stack(count)];
	char **argv = room_take(stack, count);
	if (argv == NULL)
		return call_fail(call, ENOMEM);
	const char *client = table_text(session->table, session->table->client);
	argv[0] = (char *)client;
	argv[1] = (char *)path;
	argv[2] = (char *)"";
	for (size_t i = 0; i < given; i++)
		argv[2 + i] = call->argv[i];
	argv[count - 1] = NULL;
	const struct call forward = call_of_program(call, client, argv);
	const int result = call_real(&forward);
	room_return(argv, count);
	return result;
}

/* `judged` names the same file to this process: a child of posix_spawn may be in another directory. */
static int call_path(const struct session *session, const struct call *call, const char *path, const char *judged) {
	const struct decision decision = decide(session, judged);
	if (decision.action != ACTION_NONE)
		session_count(session, TLDT_COUNT_SEEN);
	if (decision.unanswered)
		session_count(session, TLDT_COUNT_UNANSWERED);
	switch (decision.action) {
	case ACTION_ALTERNATIVE:
		session_count(session, TLDT_COUNT_ALTERNATIVE);
		return decision.alternative == NULL ? call_alternative_beside(session, call, path, !decision.hookless)
		                                    : call_alternative(session, call, decision.alternative, !decision.hookless);
	case ACTION_FORWARD:
		session_count(session, TLDT_COUNT_FORWARDED);
		return call_client(session, call, path);
	case ACTION_EXEC:
		session_count(session, TLDT_COUNT_LOCAL);
		break;
	case ACTION_NONE:
		break;
	}
	return call_real_repaired(call, session->hook, !decision.hookless);
}

static bool is_searched(const struct call *call) {
	return (call->function == EXECVP || call->function == EXECVPE || call->function == POSIX_SPAWNP ||
	        call->function == PIDFD_SPAWNP) &&
	       text_last_slash(call->file) == NULL;
}

/* `prefix`, `length` bytes, is the directory in which the program will start, with a slash behind it, or empty. */
static int call_searched(const struct session *session, const struct call *call, const char *prefix, size_t length) {
	const char *list = path_list();
	const size_t size = path_room(list, call->file);
	if (size == 0)
		return call_real(call);
	char room[length + size];
	char *candidate = text_copy(room, prefix, length);
	const char *path = path_find(list, call->file, candidate, length);
	return path == NULL ? call_real(call) : call_path(session, call, path, *path == '/' ? path : room);
}

static int call_named(const struct session *session, const struct call *call, const char *prefix, size_t length) {
	if (is_searched(call))
		return call_searched(session, call, prefix, length);
	if (length == 0 || *call->file == '/')
		return call_path(session, call, call->file, call->file);
	const size_t size = text_length(call->file) + 1;
	if (length + size > PATH_LIMIT)
		return call_real(call);
	char judged[length + size];
	text_copy(text_copy(judged, prefix, length), call->file, size);
	return call_path(session, call, call->file, judged);
}

static int call_with_actions(const struct session *session, const struct call *call) {
	char prefix[PATH_LIMIT];
	size_t length;
	if (actions_directory(call->actions, prefix, &length))
		return call_named(session, call, prefix, length);
	/* Only in the child it is known which file is meant. */
	if (*call->file != '/')
		return call_real_repaired(call, session->hook, true);
	return call_named(session, call, prefix, 0);
}

static int call_with_descriptor(const struct session *session, const struct call *call) {
	char room[PATH_LIMIT];
	const char *path = descriptor_path(call->descriptor, call->file, call->flags, room);
	if (path == NULL)
		return call_real_repaired(call, session->hook, true);
	return call_path(session, call, path, path);
}

int call_run(const struct call *call) {
	const struct session *session = session_get();
	if (session->table == NULL || call->file == NULL)
		return call_real(call);
	if (call->function == FEXECVE || call->function == EXECVEAT)
		return call_with_descriptor(session, call);
	return call->actions == NULL ? call_named(session, call, "", 0) : call_with_actions(session, call);
}

#include "hook_call.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "hook_decide.h"
#include "hook_path.h"
#include "hook_repair.h"
#include "hook_room.h"
#include "hook_session.h"
#include "hook_text.h"

static bool is_spawn(const struct call *call) {
	return call->function == POSIX_SPAWN || call->function == POSIX_SPAWNP;
}

static bool searches_path(const struct call *call) {
	return call->function == EXECVP || call->function == EXECVPE || call->function == POSIX_SPAWNP;
}

int call_fail(const struct call *call, int error) {
	if (is_spawn(call))
		return error;
	real_set_errno(error);
	return -1;
}

static int call_real(const struct real *real, const struct call *call) {
	switch (call->function) {
	case EXECVE:
		return real->execve(call->file, call->argv, call->envp);
	case EXECV:
		return real->execv(call->file, call->argv);
	case EXECVP:
		return real->execvp(call->file, call->argv);
	case EXECVPE:
		return real->execvpe(call->file, call->argv, call->envp);
	case POSIX_SPAWN:
		return real->posix_spawn(call->pid, call->file, call->actions, call->attributes, call->argv, call->envp);
	case POSIX_SPAWNP:
		return real->posix_spawnp(call->pid, call->file, call->actions, call->attributes, call->argv, call->envp);
	}
	__builtin_unreachable();
}

/* The real call on another program: nothing is searched any more. */
static int call_program(const struct real *real, const struct call *call, const char *path, char *const *argv) {
	if (is_spawn(call))
		return real->posix_spawn(call->pid, path, call->actions, call->attributes, argv, call->envp);
	return real->execve(path, argv, call->envp);
}

static int call_alternative(const struct real *real, const struct call *call, const char *path) {
	char name[alternative_size(path)];
	alternative_name(path, name);
	return call_program(real, call, name, call->argv);
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
	const int result = call_program(&session->real, call, client, argv);
	room_return(argv, count);
	return result;
}

static int call_path(const struct session *session, const struct call *call, const char *path) {
	const enum action action = decide(session->table, path).action;
	if (action != ACTION_NONE)
		session_count(session, TLDT_COUNT_SEEN);
	switch (action) {
	case ACTION_ALTERNATIVE:
		session_count(session, TLDT_COUNT_ALTERNATIVE);
		return call_alternative(&session->real, call, path);
	case ACTION_FORWARD:
		session_count(session, TLDT_COUNT_FORWARDED);
		return call_client(session, call, path);
	case ACTION_EXEC:
		session_count(session, TLDT_COUNT_LOCAL);
		break;
	case ACTION_NONE:
		break;
	}
	return call_real(&session->real, call);
}

static int call_searched(const struct session *session, const struct call *call) {
	const char *list = path_list();
	const size_t size = path_room(list, call->file);
	if (size == 0)
		return call_real(&session->real, call);
	char candidate[size];
	const char *path = path_find(list, call->file, candidate);
	return path == NULL ? call_real(&session->real, call) : call_path(session, call, path);
}

static int call_intercepted(const struct session *session, const struct call *call) {
	if (searches_path(call) && text_last_slash(call->file) == NULL)
		return call_searched(session, call);
	return call_path(session, call, call->file);
}

/* The same call with an environment in which the child is hooked again. */
static int call_repaired(const struct session *session, const struct call *call, const struct repair *repair) {
	const size_t words = repair->text / sizeof(char *) + 1;
	char *variables_stack[room_stack(repair->variables)], *text_stack[room_stack(words)];
	char **variables = room_take(variables_stack, repair->variables), **text = room_take(text_stack, words);
	if (variables == NULL || text == NULL)
		return call_fail(call, ENOMEM);
	repair_fill(repair, call->envp, variables, (char *)text);
	struct call repaired = *call;
	repaired.envp = variables;
	/* Those that take the environment of the process have a twin that is given one, and search PATH alike. */
	if (call->function == EXECV)
		repaired.function = EXECVE;
	else if (call->function == EXECVP)
		repaired.function = EXECVPE;
	const int result = call_intercepted(session, &repaired);
	room_return(text, words);
	room_return(variables, repair->variables);
	return result;
}

int call_run(const struct call *call) {
	const struct session *session = session_get();
	if (session->table == NULL || call->file == NULL)
		return call_real(&session->real, call);
	const struct repair repair = repair_plan(call->envp, session->hook_path);
	return repair.hook == NULL ? call_intercepted(session, call) : call_repaired(session, call, &repair);
}

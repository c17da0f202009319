/* probe ACTION [ARGUMENT]...; without an action it shows its arguments. */
#include "probe.h"

#include <string.h>

char **whole_argv;
int whole_argc;

static const struct action *const lists[] = {account_actions, context_actions, end_actions,
                                             kind_actions,    line_actions,    nested_actions,
                                             signal_actions,  stream_actions,  terminal_actions};

static const struct action *find(const char *name) {
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (const struct action *action = lists[i]; action->name != NULL; action++)
			if (strcmp(action->name, name) == 0) return action;
	return NULL;
}

int main(int argc, char **argv) {
	whole_argv = argv;
	whole_argc = argc;
	const struct action *action = find(argc > 1 ? argv[1] : "arguments");
	if (action == NULL) return COULD_NOT;
	return argc > 1 ? action->run(argc - 1, argv + 1) : action->run(0, argv);
}

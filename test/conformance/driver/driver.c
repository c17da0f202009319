/* driver COMMAND WORD... */
#include "driver.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static const struct command *const lists[] = {flow_commands, end_commands,   run_commands,
                                              stop_commands, large_commands, terminal_commands};

int main(int argc, char **argv) {
	const struct rlimit no_core = {0, 0};
	setrlimit(RLIMIT_CORE, &no_core);
	for (size_t i = 0; argc > 1 && i < sizeof(lists) / sizeof(lists[0]); i++)
		for (const struct command *command = lists[i]; command->name != NULL; command++)
			if (strcmp(command->name, argv[1]) == 0) return command->run(argv + 2);
	fprintf(stderr, "driver: no such command\n");
	return COULD_NOT;
}

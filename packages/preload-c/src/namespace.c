/* [namespace, registrations, path, argv0, args...]: executes path where the registrations hold, in this process.
 * [namespace, registrations] only tries whether they can be had. */
#include "namespace.h"

int main(int argc, char **argv, char **env) {
	static const char message[] = "tldt: this program is started by 'tldt exec', not by hand\n";
	if (argc != 2 && argc < 4) {
		sys_write(2, message, sizeof(message) - 1);
		return STATUS_TLDT_FAILED;
	}
	namespace_enter(argv[1]);
	if (argc == 2) return 0;
	command_execute(argv[2], argv + 3, env);
}

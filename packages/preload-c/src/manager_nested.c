/* Programs that a program executes on this host. Those of this host just run. For others the hook, which is beside the manager where
 * `tldt manager build` could make it, starts the manager in their place: it tries, and says why that fails, where a shell would feed
 * their bytes to itself. */
#include "manager.h"

#include <stdio.h>
#include <stdlib.h>

#define PATH_SIZE 4096
#define STATUS_CANNOT_RUN 126

static char own_path[PATH_SIZE];
static char preload[PATH_SIZE + sizeof("LD_PRELOAD=/hook.so:")];
static uint16_t own_machine;

/* e_machine in this host's byte order; 0 for what is no ELF file. */
static uint16_t machine_of(const char *path) {
	unsigned char head[20] = {0};
	uint16_t machine;
	int fd = (int)sys_open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) return 0;
	long got = sys_read(fd, head, sizeof(head));
	sys_close(fd);
	memcpy(&machine, head + 18, sizeof(machine));
	return got == sizeof(head) && memcmp(head, "\177ELF", 4) == 0 ? machine : 0;
}

/* The table names the client, and must mean this very program: the directory may be seen under another name here. */
static int table_is_ours(const char *path) {
	char table[PATH_SIZE + 512];
	int fd = (int)sys_open(path, O_RDONLY | O_CLOEXEC);
	long got = fd < 0 ? -1 : sys_read(fd, table, sizeof(table));
	if (fd >= 0) sys_close(fd);
	return got > 0 && memmem(table, (size_t)got, own_path, strlen(own_path) + 1) != NULL;
}

void nested_prepare(void) {
	char table[PATH_SIZE + sizeof("/table")];
	long length = readlink("/proc/self/exe", own_path, sizeof(own_path) - 1);
	const char *slash = length > 0 ? strrchr(own_path, '/') : NULL;
	if (slash == NULL) return;
	int directory = (int)(slash - own_path);
	snprintf(table, sizeof(table), "%.*s/table", directory, own_path);
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%.*s/hook.so", directory, own_path);
	own_machine = machine_of(own_path);
	if (sys_access(preload + sizeof("LD_PRELOAD=") - 1, R_OK) < 0 || !table_is_ours(table)) preload[0] = 0;
}

/* The loader of another kind of program would only complain of the hook; a script's interpreter is taken for this host's. */
static int takes_hook(const struct manager *manager, const struct child_plan *plan) {
	if (preload[0] == 0 || !manager->explains || manager->wrapper_count > 0) return 0;
	uint16_t machine = machine_of(path_from(plan->cwd, plan->path));
	return machine == 0 || machine == own_machine;
}

void nested_watch(const struct manager *manager, struct child_plan *plan) {
	static char joined[sizeof(preload) + PATH_SIZE];
	char **variable = plan->env;
	if (!takes_hook(manager, plan)) return;
	while (*variable != NULL && strncmp(*variable, "LD_PRELOAD=", 11) != 0) variable++;
	if (*variable == NULL) {
		variable[1] = NULL;
		*variable = preload;
	} else if (strlen(*variable) < PATH_SIZE) {
		snprintf(joined, sizeof(joined), "%s:%s", preload, *variable + 11);
		*variable = joined;
	}
}

static const char *machine_words(uint16_t machine) {
	static char number[32];
	switch (machine) {
	case 3:
		return "i386";
	case 8:
		return "MIPS";
	case 20:
		return "PowerPC";
	case 21:
		return "PowerPC 64";
	case 22:
		return "S/390";
	case 40:
		return "ARM";
	case 43:
		return "SPARC V9";
	case 62:
		return "x86-64";
	case 183:
		return "AArch64";
	case 243:
		return "RISC-V";
	case 258:
		return "LoongArch";
	default:
		snprintf(number, sizeof(number), "machine %u", machine);
		return number;
	}
}

static uint16_t swapped(uint16_t machine) {
	return (uint16_t)(machine << 8 | machine >> 8);
}

static uint16_t readable_machine(const char *path) {
	uint16_t machine = machine_of(path);
	return machine > 0xff && swapped(machine) <= 0xff ? swapped(machine) : machine;
}

/* [client, path, argv0, args...] from the hook. A kernel with the right registration may well run it. */
int nested_execute(char **argv, char **env) {
	struct utsname host;
	const char *path = argv[1];
	long result = sys_execve(path, argv + 2, env);
	if (sys_uname(&host) < 0) host.nodename[0] = 0;
	uint16_t machine = readable_machine(path);
	if (result == -ENOEXEC && machine != 0)
		dprintf(2,
		        "tldt: %s was compiled for %s and cannot run on %s (%s): put an alternative for that beside it (%s.altbin), or one "
		        "beside the program that executes it, to run that where the build runs; what FORCE_LIST names runs here\n",
		        path, machine_words(machine), host.nodename, machine_words(readable_machine("/proc/self/exe")), path);
	else
		dprintf(2, "tldt: cannot run %s on %s: %s\n", path, host.nodename, strerror((int)-result));
	return STATUS_CANNOT_RUN;
}

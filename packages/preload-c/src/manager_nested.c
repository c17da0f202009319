/* Programs that a program executes on this host. Those of this host just run. For others the hook, which is beside the manager where
 * `tldt manager build` could make it, starts the manager in their place: it tries, and says why that fails, where a shell would feed
 * their bytes to itself. */
#include "manager.h"
#include "machine_words.h"

#include <stdio.h>
#include <stdlib.h>

#define PATH_SIZE 4096
#define STATUS_CANNOT_RUN 126
#define WORDS_SIZE 256

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

/* EI_CLASS 1 is 32 bits, EI_DATA 2 is big-endian; e_flags is where the class puts it. */
static uint32_t field(const unsigned char *bytes, int size, int big) {
	uint32_t value = 0;
	for (int i = 0; i < size; i++) value |= (uint32_t)bytes[i] << 8 * (big ? size - 1 - i : i);
	return value;
}

/* Words for an ELF file by its own class and byte order; 0 for what is none. */
static int words_of(const char *path, char *words, size_t size) {
	unsigned char head[52] = {0};
	int fd = (int)sys_open(path, O_RDONLY | O_CLOEXEC);
	long got = fd < 0 ? -1 : sys_read(fd, head, sizeof(head));
	if (fd >= 0) sys_close(fd);
	if (got < (long)sizeof(head) || memcmp(head, "\177ELF", 4) != 0) return 0;
	int big = head[5] == 2;
	struct elf_kind kind = {(uint16_t)field(head + 18, 2, big), head[4], head[5], field(head + (head[4] == 1 ? 36 : 48), 4, big)};
	machine_words(&kind, words, size);
	return 1;
}

/* [client, path, argv0, args...] from the hook. A kernel with the right registration may well run it. */
int nested_execute(char **argv, char **env) {
	struct utsname host;
	const char *path = argv[1];
	long result = sys_execve(path, argv + 2, env);
	if (sys_uname(&host) < 0) host.nodename[0] = 0;
	char machine[WORDS_SIZE], own[WORDS_SIZE] = "";
	if (result == -ENOEXEC && words_of(path, machine, sizeof(machine))) {
		words_of("/proc/self/exe", own, sizeof(own));
		dprintf(2,
		        "tldt: %s was compiled for %s and cannot run on %s (%s): put an alternative for that beside it (%s.altbin), or one "
		        "beside the program that executes it, to run that where the build runs; what FORCE_LIST names runs here\n",
		        path, machine, host.nodename, own, path);
	} else
		dprintf(2, "tldt: cannot run %s on %s: %s\n", path, host.nodename, strerror((int)-result));
	return STATUS_CANNOT_RUN;
}

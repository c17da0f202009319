/* Becomes PROGRAM under EMULATOR with the argv[0] it was itself given, as the kernel's binfmt_misc would have it. */
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
	char **words = calloc((size_t)argc + 5, sizeof(*words));
	int count = 0;
	if (words == NULL) return 125;
	words[count++] = EMULATOR;
	words[count++] = "-0";
	words[count++] = argv[0];
	words[count++] = PROGRAM;
	for (int i = 1; i < argc; i++) words[count++] = argv[i];
	execv(EMULATOR, words);
	return 125;
}

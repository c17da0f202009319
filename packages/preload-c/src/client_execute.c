/* HELLO and EXECUTE, sent as one piece: nothing is waited for in between. */
#include "client.h"

static unsigned char *hello_put(unsigned char *at) {
	struct utsname host;
	unsigned char *header = at;
	if (sys_uname(&host) < 0) host.nodename[0] = 0;
	at = u32_put(at + TLDT_HEADER_SIZE, TLDT_MAGIC);
	at = u16_put(u16_put(at, TLDT_VERSION_MIN), TLDT_VERSION_MAX);
	at = u32_put(at, (uint32_t)TLDT_ROLE_CLIENT << 24);
	at = bytes_put(at, CLIENT_SOFTWARE, sizeof(CLIENT_SOFTWARE) - 1);
	at = bytes_put(at, host.nodename, strlen(host.nodename));
	frame_header_encode(header, TLDT_HELLO, 0, 0, (uint32_t)(at - header - TLDT_HEADER_SIZE));
	return at;
}

static unsigned char *strings_put(unsigned char *at, char **strings, uint32_t *count) {
	unsigned char *start = at;
	at += 4;
	for (*count = 0; strings[*count] != NULL; ++*count) at = bytes_put(at, strings[*count], strlen(strings[*count]));
	u32_put(start, *count);
	return at;
}

static unsigned char *environment_put(const struct client *client, unsigned char *at, char **env, uint32_t *count) {
	unsigned char *start = at;
	at += 4;
	for (*count = 0; *env != NULL; env++) {
		size_t length = client_variable_put(client, *env, at + 4);
		if (length == 0 && **env != 0) continue;
		u32_put(at, (uint32_t)length);
		at += 4 + length;
		++*count;
	}
	u32_put(start, *count);
	return at;
}

static size_t strings_size(char **strings) {
	size_t size = 0;
	for (; *strings != NULL; strings++) size += 4 + strlen(*strings);
	return size;
}

int client_execute_send(struct client *client, char **argv, char **env) {
	const struct client_context *context = &client->context;
	size_t most = 2 * TLDT_HEADER_SIZE + 1024 + TERMINAL_BYTES_MAX + 3 * CLIENT_PATH_MAX + strlen(client->path);
	most += strings_size(argv) + strings_size(env);
	unsigned char *message = client->outbox.buffer;
	if (most > sizeof(client->outbox.buffer)) {
		message = sys_reserve(most);
		if (message == NULL) return 0;
	}

	uint32_t argc;
	uint32_t envc;
	unsigned char *header = hello_put(message);
	unsigned char *at = u32_put(header + TLDT_HEADER_SIZE, context->flags);
	memcpy(at, context->kinds, 3);
	at[3] = 0;
	at = u32_put(at + 4, context->umask);
	at = u64_put(u64_put(at, context->ignored), context->blocked);
	at = u32_put(u32_put(u32_put(at, context->nice), context->inherited), context->limited);
	for (int i = 0; i < TLDT_LIMITS; i++) at = u64_put(u64_put(at, context->limits[i].soft), context->limits[i].hard);
	at = u64_put(u64_put(u64_put(at, context->file.size), (uint64_t)context->file.mtime), context->file.inode);
	size_t terminal = client_terminal_put(client, at + 4);
	at = u32_put(at, (uint32_t)terminal) + terminal;
	at = bytes_put(at, client->path, strlen(client->path));
	at = bytes_put(at, context->cwd, strlen(context->cwd));
	at = strings_put(at, argv, &argc);
	at = environment_put(client, at, env, &envc);

	size_t length = (size_t)(at - header) - TLDT_HEADER_SIZE;
	if (length > TLDT_MAX_EXECUTE || argc > TLDT_MAX_STRINGS || envc > TLDT_MAX_STRINGS) return 0;
	frame_header_encode(header, TLDT_EXECUTE, 0, CLIENT_FORWARD, (uint32_t)length);
	while (message < at) {
		long sent = sys_send(client->socket, message, (size_t)(at - message), MSG_NOSIGNAL);
		/* Who refuses this client may close before it has read everything; why is then still to be read. */
		if (sent < 0) break;
		message += sent;
	}
	return 1;
}

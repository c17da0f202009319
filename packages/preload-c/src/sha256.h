/* SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104). Pure: no system calls, no allocation. */
#ifndef TLDT_SHA256_H
#define TLDT_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32u
#define SHA256_BLOCK 64u

struct sha256 {
	uint32_t state[8];
	/* Bytes so far; those of the last, unfinished block are in `block`. */
	uint64_t length;
	unsigned char block[SHA256_BLOCK];
};

void sha256_begin(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *bytes, size_t size);
void sha256_end(struct sha256 *hash, unsigned char digest[SHA256_SIZE]);

struct hmac_sha256 {
	struct sha256 inner;
	struct sha256 outer;
};

void hmac_sha256_begin(struct hmac_sha256 *hmac, const void *key, size_t size);
void hmac_sha256_add(struct hmac_sha256 *hmac, const void *bytes, size_t size);
void hmac_sha256_end(struct hmac_sha256 *hmac, unsigned char code[SHA256_SIZE]);

#endif

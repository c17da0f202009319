#include "sha256.h"

#include <string.h>

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotated(uint32_t word, unsigned by) {
	return word >> by | word << (32 - by);
}

static uint32_t word_get(const unsigned char *at) {
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void word_put(unsigned char *at, uint32_t word) {
	for (int i = 0; i < 4; i++) at[i] = (unsigned char)(word >> (24 - 8 * i));
}

/* FIPS 180-4, 6.2.2; `v` holds a to h. */
static void block_take(struct sha256 *hash, const unsigned char *block) {
	uint32_t w[64], v[8];
	for (int t = 0; t < 16; t++) w[t] = word_get(block + 4 * t);
	for (int t = 16; t < 64; t++) {
		uint32_t one = rotated(w[t - 2], 17) ^ rotated(w[t - 2], 19) ^ w[t - 2] >> 10;
		uint32_t zero = rotated(w[t - 15], 7) ^ rotated(w[t - 15], 18) ^ w[t - 15] >> 3;
		w[t] = one + w[t - 7] + zero + w[t - 16];
	}
	memcpy(v, hash->state, sizeof(v));
	for (int t = 0; t < 64; t++) {
		uint32_t one = rotated(v[4], 6) ^ rotated(v[4], 11) ^ rotated(v[4], 25);
		uint32_t zero = rotated(v[0], 2) ^ rotated(v[0], 13) ^ rotated(v[0], 22);
		uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
		uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
		uint32_t first = v[7] + one + choice + constants[t] + w[t];
		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += first;
		v[0] = first + zero + majority;
	}
	for (int i = 0; i < 8; i++) hash->state[i] += v[i];
}

void sha256_begin(struct sha256 *hash) {
	*hash = (struct sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void sha256_add(struct sha256 *hash, const void *bytes, size_t size) {
	const unsigned char *at = bytes;
	while (size > 0) {
		size_t held = hash->length % SHA256_BLOCK;
		size_t part = SHA256_BLOCK - held < size ? SHA256_BLOCK - held : size;
		memcpy(hash->block + held, at, part);
		hash->length += part;
		at += part;
		size -= part;
		if (hash->length % SHA256_BLOCK == 0) block_take(hash, hash->block);
	}
}

void sha256_end(struct sha256 *hash, unsigned char digest[SHA256_SIZE]) {
	static const unsigned char padding[SHA256_BLOCK] = {0x80};
	uint64_t bits = hash->length * 8;
	unsigned char length[8];
	word_put(length, (uint32_t)(bits >> 32));
	word_put(length + 4, (uint32_t)bits);
	/* At least the one byte, then zeros until just the length fits into the block. */
	sha256_add(hash, padding, 1 + (2 * SHA256_BLOCK - 9 - hash->length % SHA256_BLOCK) % SHA256_BLOCK);
	sha256_add(hash, length, sizeof(length));
	for (int i = 0; i < 8; i++) word_put(digest + 4 * i, hash->state[i]);
}

void hmac_sha256_begin(struct hmac_sha256 *hmac, const void *key, size_t size) {
	unsigned char inner[SHA256_BLOCK] = {0}, outer[SHA256_BLOCK];
	sha256_begin(&hmac->inner);
	sha256_begin(&hmac->outer);
	if (size > SHA256_BLOCK) {
		struct sha256 hash;
		sha256_begin(&hash);
		sha256_add(&hash, key, size);
		sha256_end(&hash, inner);
	} else if (size > 0) memcpy(inner, key, size);
	for (unsigned i = 0; i < SHA256_BLOCK; i++) {
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	sha256_add(&hmac->inner, inner, sizeof(inner));
	sha256_add(&hmac->outer, outer, sizeof(outer));
}

void hmac_sha256_add(struct hmac_sha256 *hmac, const void *bytes, size_t size) {
	sha256_add(&hmac->inner, bytes, size);
}

void hmac_sha256_end(struct hmac_sha256 *hmac, unsigned char code[SHA256_SIZE]) {
	sha256_end(&hmac->inner, code);
	sha256_add(&hmac->outer, code, SHA256_SIZE);
	sha256_end(&hmac->outer, code);
}

/* Times matmul() with the parameters it was compiled with, prints MFLOP/s: one execution per candidate of tune.sh. */
#include <stdio.h>
#include <time.h>

#include "matmul.h"

enum { SIZE = 96, SAMPLES = 3 };
static const double LEAST_SECONDS = 0.05; /* of one sample: long enough for a coarse clock */

static double a[SIZE * SIZE], b[SIZE * SIZE], c[SIZE * SIZE];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static double sample(void) {
  double start = now(), elapsed;
  int runs = 0;
  do {
    matmul(SIZE, SIZE, SIZE, a, b, c);
    runs++;
    elapsed = now() - start;
  } while (elapsed < LEAST_SECONDS);
  return 2e-6 * SIZE * SIZE * SIZE * runs / elapsed;
}

int main(void) {
  for (int i = 0; i < SIZE * SIZE; i++) a[i] = i % 7, b[i] = i % 5;
  matmul(SIZE, SIZE, SIZE, a, b, c); /* warms the caches */
  /* Whatever else the machine does only makes a sample slower, so the best one is nearest to the truth. */
  double best = 0;
  for (int i = 0; i < SAMPLES; i++) {
    double rate = sample();
    if (rate > best) best = rate;
  }
  printf("%.1f\n", best);
  return 0;
}

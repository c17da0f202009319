/* C += A * B for matrices in row order: A is m x k, B is k x n, C is m x n, all without gaps. */
#ifndef MATMUL_H
#define MATMUL_H

void matmul(int m, int n, int k, const double *a, const double *b, double *c);

#endif

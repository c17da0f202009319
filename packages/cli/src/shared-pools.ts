/** What a build's forwards wait for, where its managers are those of a session that is up. */
import { join } from "node:path";
import { askShared, type PoolStatus, sharedBase } from "@tldt/core";

/**
 * @param own the build's pools; one that has joined a session has that session as its manager
 * @param joined the session's name by the target's
 * @returns the pools as they are; of those that are the session's, what it says of them, if forwards are there and it answers
 */
export async function poolsOf(
  own: readonly PoolStatus[],
  joined: ReadonlyMap<string, string>,
): Promise<readonly PoolStatus[]> {
  return Promise.all(
    own.map(async (pool) => {
      const session = joined.get(pool.target);
      const isUsed = pool.managers.some(({ forwards }) => forwards > 0);
      return session !== undefined && isUsed ? ((await askFor(pool.target, session)) ?? pool) : pool;
    }),
  );
}

async function askFor(target: string, session: string): Promise<PoolStatus | undefined> {
  const status = await sharedBase(process.env).asyncAndThen((base) => askShared(join(base, session), "status"));
  return status.map(({ targets }) => targets.find((each) => each.target === target)).unwrapOr(undefined);
}

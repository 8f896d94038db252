/** Like `Promise.all`, but when one fails the others are waited for, so that what they start is known and can be ended. */
export async function all<T extends readonly unknown[] | []>(
  work: T,
): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}

import { expect } from 'vitest';

/** The error of a call that must fail. */
export const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.unreachable('the call has not failed'),
    (error: unknown) => error,
  );

import { expect, test } from 'vitest';
import type { Head } from '../../functions/bank/book.ts';
import { expiryOf } from '../../functions/bank/decide.ts';
import type { HoldMark } from '../../functions/bank/mark.ts';
import { markingOf } from '../../functions/bank/mark.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { createHandlerLab } from '../support/handler-lab.ts';

const labs = await createHandlerLab();

/** Opens an account with holds that expire after the given seconds, and returns ways to change it from an old head. */
async function withHolds(...seconds: readonly number[]) {
  const account = await labs.accountWith(100);
  const { store } = labs.lab;
  const names: string[] = [];
  for (const expiresInSeconds of seconds) {
    const { json } = await labs.post(
      `/accounts/${account}/holds`,
      { amount: '5', expiresInSeconds },
      labs.mint(),
    );
    names.push(json.key);
  }
  const read = () => store.readHead(account, patient());
  const markOf = (head: Head, name: string | undefined) => head.marks.get(String(name)) as HoldMark;
  return {
    account,
    names,
    store,
    read,
    markOf,
    end: (head: Head, name: string | undefined) =>
      store.append(expiryOf(account, head, String(name), markOf(head, name), labs.lab.now.ms), patient()),
    /** Adds another mark that is due at a time, as a function does that has seen a head. */
    add: async (head: Head | undefined, dueAtMs: number) => {
      const key = labs.mint();
      const mark = { ...markOf(await read(), names[0]), expiresAtMs: dueAtMs };
      const { marks } = await read();
      const entry = expiryOf(account, await read(), String([...marks.keys()][0]), mark, labs.lab.now.ms)
        .entries[0];
      return await store.append(
        {
          account,
          guard: { kind: 'above_watermark' },
          conditions: [],
          marking: markingOf([{ key, before: undefined, after: mark }], head),
          entries: [{ ...entry, key, changeMinor: -5n, heldChangeMinor: 5n }],
        },
        patient(),
      );
    },
  };
}

test('a write ends a mark only as it was seen', async () => {
  const { account, names, read, end } = await withHolds(60, 60);
  const seen = await read();
  await labs.post(
    `/accounts/${account}/holds/${names[0]}/captures`,
    { amount: '2', final: false },
    labs.mint(),
  );
  expect(await end(seen, names[0]), 'another part of it remains').toMatchObject({ written: false });
  await labs.post(`/accounts/${account}/holds/${names[0]}/voids`, {}, labs.mint());
  expect(await end(seen, names[0]), 'it has ended').toMatchObject({ written: false });
  expect(await labs.money(account)).toEqual(['93', '5']);
});

test('the time at which the sweep has to look goes with the last mark, and not before', async () => {
  const { account, names, read, end } = await withHolds(60);
  const one = await read();
  await labs.post(`/accounts/${account}/holds`, { amount: '5', expiresInSeconds: 60 }, labs.mint());
  const two = await read();
  expect(await end(one, names[0]), 'it is not the last one any more').toMatchObject({ written: false });
  const [, other] = [...two.marks.keys()].sort();
  expect(await end(two, other)).toMatchObject({ written: true });
  expect(await end(two, names[0]), 'it is the last one').toMatchObject({ written: false });
  expect(await labs.lab.item(account)).toMatchObject({ open: 1n, dueAt: expect.anything() });
  expect(await end(await read(), names[0])).toMatchObject({ written: true });
  expect(await labs.lab.item(account)).not.toHaveProperty('dueAt');
  expect(await labs.lab.item(account)).not.toHaveProperty('dueShard');
});

test('the sweep looks when the first mark is due, whatever a function has seen that adds another', async () => {
  const { read, add } = await withHolds(60);
  const { dueAtMs: dueMs = 0, ...head } = await read();
  expect(await add(undefined, dueMs + 1000)).toMatchObject({ written: true, head: { dueAtMs: dueMs } });
  expect(await add(undefined, dueMs - 1000), 'it is earlier').toMatchObject({ written: false });
  const seen = { ...head, dueAtMs: dueMs };
  expect(await add(seen, dueMs - 1000)).toMatchObject({ written: true, head: { dueAtMs: dueMs - 1000 } });
  expect(await add(seen, dueMs - 500), 'it is later by now').toMatchObject({ written: false });
});

test('the sweep moves the time only on the marks that it has read', async () => {
  const { account, names, store, read, end } = await withHolds(60);
  const { sequence, dueAtMs: dueMs = 0 } = await read();
  const atMs = dueMs + 60_000;
  await labs.post(`/accounts/${account}/holds`, { amount: '5', expiresInSeconds: 90 }, labs.mint());
  await store.reschedule(account, { sequence, atMs }, patient());
  expect((await read()).dueAtMs).toBe(dueMs);
  await store.reschedule(account, { sequence: sequence + 1, atMs }, patient());
  expect((await read()).dueAtMs).toBe(atMs);
  for (const name of (await read()).marks.keys()) {
    await end(await read(), name);
  }
  const { sequence: last } = await read();
  await store.reschedule(account, { sequence: last, atMs }, patient());
  expect(await labs.lab.item(account), `${names.length} holds are over`).not.toHaveProperty('dueAt');
});

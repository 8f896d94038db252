import { expect, test } from 'vitest';
import { createHandlerLab } from '../support/handler-lab.ts';

const ROUNDS = 200;

const labs = await createHandlerLab();

test(`capture, void, expiry and a withdrawal of the same money at once, from two Regions: exactly one wins, ${ROUNDS} times`, {
  timeout: 300_000,
}, async () => {
  const won = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const account = await labs.accountWith(40);
    const { key: name } = (
      await labs.post(`/accounts/${account}/holds`, { amount: '40', expiresInSeconds: 60 }, labs.mint())
    ).json;
    // A function whose clock is ahead sees the hold expired, and the others do not.
    const ahead = labs.handlerOf('us-east-2', labs.lab.store, { nowMs: () => labs.lab.now.ms + 61_000 });
    const race = [
      () => labs.post(`/accounts/${account}/holds/${name}/captures`, {}, labs.mint()),
      () => labs.post(`/accounts/${account}/holds/${name}/voids`, {}, labs.mint(), labs.other),
      () => labs.move(account, 'withdrawals', 40, labs.mint(), ahead),
    ];
    // Each of them is the first to begin in a third of the rounds.
    const order = race.map((_, index) => (index + round) % race.length);
    const answers = await Promise.all(order.map(async (index) => [index, await race[index]?.()] as const));
    const [captured, voided, withdrawn] = answers
      .sort(([one], [other]) => one - other)
      .map(([, each]) => each);

    const ends = (await labs.statement(account)).filter(({ type }) =>
      ['capture', 'void', 'expired'].includes(type),
    );
    expect(ends).toHaveLength(1);
    const winner = String(ends[0].type);
    won.set(winner, (won.get(winner) ?? 0) + 1);
    expect(captured?.status === 200).toBe(winner === 'capture');
    expect(voided?.status === 200).toBe(winner === 'void');
    if (winner === 'expired') {
      expect(withdrawn?.status).toBe(200);
    }
    const isSpent = winner === 'capture' || withdrawn?.status === 200;
    expect(await labs.money(account)).toEqual([isSpent ? '0' : '40', '0']);
  }
  expect([...won.keys()].sort(), JSON.stringify([...won])).toEqual(['capture', 'expired', 'void']);
});

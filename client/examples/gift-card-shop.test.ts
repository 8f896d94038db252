import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { TestBank } from 'twinbank-client/testing';
import { GiftCardShop } from './gift-card-shop.ts';

let testBank: TestBank;
let shop: GiftCardShop;
const record = (id: string) => ({ id, createdAt: new Date(testBank.nowMs) });

beforeEach(async () => {
  testBank = new TestBank();
  shop = new GiftCardShop(testBank.client());
  await shop.issue(record('sale-1'), 'card-1', 5000n);
});

test('an order is held at checkout, paid at shipping, and refunded in part', async () => {
  const order = record('order-1');
  assert.equal(await shop.redeem(record('sale-2'), 'card-1', 1200n), 'paid');
  assert.equal(await shop.checkout(order, 'card-1', 3000n), 'held');
  assert.equal(await shop.ship(order, 'card-1', 2500n), 'paid');
  assert.equal(await shop.takeBack(record('return-1'), order, 'card-1', 700n), 'refunded');

  const lines: string[] = [];
  for await (const { type, change, balance } of shop.statement('card-1')) {
    lines.push(`${type} ${change}, balance ${balance}`);
  }
  assert.deepEqual(lines, [
    'deposit 5000, balance 5000',
    'withdrawal -1200, balance 3800',
    'hold -3000, balance 800',
    'capture 500, balance 1300',
    'refund 0, balance 1300',
    'refunded 700, balance 2000',
  ]);
});

test('an order is never refunded above what it cost', async () => {
  const order = record('order-1');
  await shop.checkout(order, 'card-1', 3000n);
  await shop.ship(order, 'card-1', 2500n);
  assert.equal(await shop.takeBack(record('return-1'), order, 'card-1', 700n), 'refunded');
  assert.equal(await shop.takeBack(record('return-2'), order, 'card-1', 1801n), 'refund_exceeded');
});

test('a card that has too little is declined, and so is one whose money is held for another order', async () => {
  assert.equal(await shop.redeem(record('sale-2'), 'card-1', 5001n), 'not_enough_money');
  await shop.checkout(record('order-1'), 'card-1', 4000n);
  assert.equal(await shop.redeem(record('sale-3'), 'card-1', 1001n), 'not_enough_money');
});

test('a shop that crashed and calls again has paid once, whichever Region fails', async () => {
  const order = record('order-1');
  testBank.loseReplies();
  await shop.checkout(order, 'card-1', 3000n);
  testBank.kill('us-east-1');
  await shop.ship(order, 'card-1', 3000n);
  testBank.start('us-east-1');
  testBank.kill('us-east-2');
  assert.equal(await new GiftCardShop(testBank.client()).ship(order, 'card-1', 3000n), 'paid');
  assert.equal((await shop.audit(['card-1'], new Date(testBank.nowMs))).redeemed, 3000n);
});

test('an order that is not shipped is released', async () => {
  const order = record('order-1');
  await shop.checkout(order, 'card-1', 5000n);
  testBank.advance(3 * 86_400_000);
  assert.equal(await shop.ship(order, 'card-1', 5000n), 'hold_expired');
  assert.equal(await shop.redeem(record('sale-2'), 'card-1', 5000n), 'paid');
});

test('the audit of a month adds up what was issued, redeemed and refunded until its end', async () => {
  const order = record('order-1');
  await shop.issue(record('sale-2'), 'card-2', 1000n);
  await shop.checkout(order, 'card-1', 3000n);
  await shop.ship(order, 'card-1', 2000n);
  await shop.takeBack(record('return-1'), order, 'card-1', 500n);
  await shop.checkout(record('order-2'), 'card-2', 300n);
  const monthEnd = new Date(testBank.nowMs);
  testBank.advance(86_400_000);
  await shop.redeem(record('sale-3'), 'card-2', 700n);

  assert.deepEqual(await shop.audit(['card-1', 'card-2'], monthEnd), {
    issued: 6000n,
    redeemed: 2000n,
    refunded: 500n,
    outstanding: 4500n,
  });
});

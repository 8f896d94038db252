import { Hono } from 'hono';
import type { BankClient } from 'twinbank-client';
import { errorAnswer } from './payment-errors.ts';

/**
 * `POST /payments` of a shop: takes `cents` from the gift card `card`. The web page sends an `Idempotency-Key`, and sends the same key when it
 * retries.
 */
export function createApp(bank: BankClient): Hono {
  const app = new Hono();
  app.post('/payments', async (context) => {
    const key = context.req.header('idempotency-key');
    if (key === undefined) {
      return context.json({ error: 'send an Idempotency-Key', paid: false }, 400);
    }
    const { card, cents } = Object(await context.req.json()) as { card: string; cents: number };
    const { balance, sequence } = await bank.withdraw(card, cents, { key });
    return context.json({ paid: cents, left: Number(balance), receipt: sequence });
  });
  app.onError((error, context) => {
    const answer = errorAnswer(error);
    if (answer !== undefined) {
      return context.json(answer.body, answer.status);
    }
    console.error(error);
    return context.text('Internal Server Error', 500);
  });
  return app;
}

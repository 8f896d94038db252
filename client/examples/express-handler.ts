import express, { type ErrorRequestHandler, type Express } from 'express';
import type { BankClient } from 'twinbank-client';
import { errorAnswer } from './payment-errors.ts';

/**
 * `POST /payments` of a shop: takes `cents` from the gift card `card`. The web page sends an `Idempotency-Key`, and sends the same key when it
 * retries.
 */
export function createApp(bank: BankClient): Express {
  const app = express();
  app.use(express.json());
  app.post('/payments', async (request, response) => {
    const key = request.get('idempotency-key');
    if (key === undefined) {
      response.status(400).json({ error: 'send an Idempotency-Key', paid: false });
      return;
    }
    const { card, cents } = Object(request.body) as { card: string; cents: number };
    const { balance, sequence } = await bank.withdraw(card, cents, { key });
    response.json({ paid: cents, left: Number(balance), receipt: sequence });
  });
  app.use(answerError);
  return app;
}

/** Answers errors of the bank, and bodies that are not JSON. Express answers all other errors. */
const answerError: ErrorRequestHandler = (error, _request, response, next) => {
  const answer = errorAnswer(error);
  if (answer === undefined) {
    next(error);
    return;
  }
  response.status(answer.status).json(answer.body);
};

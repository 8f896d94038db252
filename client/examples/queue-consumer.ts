import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type BankClient, keyFor, RefusedError } from 'twinbank-client';

/** A message of the queue. `decidedAt` is the time of the decision, not the time when the message was sent. */
export interface Payout {
  readonly id: string;
  readonly decidedAt: string;
  readonly from: string;
  readonly to: string;
  readonly cents: number;
}

/**
 * Makes a Lambda function that makes the payouts in an SQS queue. SQS delivers a message at least once, and a sender may send it twice. But
 * the key is made from the payout, so it is paid once. The event source needs `ReportBatchItemFailures`: SQS delivers only those messages
 * again that the function returns.
 *
 * `onRefused` is called with each payout that the bank refused under its key. If it fails, SQS delivers the message again.
 */
export function createConsumer(
  bank: BankClient,
  onRefused: (payout: Payout, error: RefusedError) => Promise<unknown>,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  const pay = async (payout: Payout): Promise<void> => {
    const { id, decidedAt, from, to, cents } = payout;
    const key = await keyFor(`payout:${id}`, { at: new Date(decidedAt) });
    try {
      await bank.transfer(from, to, cents, { key, reference: id });
    } catch (error) {
      // With the right permissions or the right clock, the same call can succeed: return it to the queue, like a call without an answer.
      if (!(error instanceof RefusedError) || error.retryWith === 'same key') {
        throw error;
      }
      await onRefused(payout, error);
    }
  };
  return async ({ Records }) => {
    const results = await Promise.allSettled(Records.map(async ({ body }) => await pay(JSON.parse(body))));
    const failed = Records.filter((_, index) => results[index]?.status === 'rejected');
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

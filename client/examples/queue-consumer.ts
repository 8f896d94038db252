import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type BankClient, keyFor, RefusedError } from 'twinbank-client';

/** A message of the queue. `decidedAt` is when the payout was decided, and not when the message was sent. */
export interface Payout {
  readonly id: string;
  readonly decidedAt: string;
  readonly from: string;
  readonly to: string;
  readonly cents: number;
}

/**
 * Makes a Lambda function that pays what the messages of an SQS queue say. SQS delivers a message at least once, and a sender may send it
 * twice: the key follows from the payout, so it is paid once. The event source needs `ReportBatchItemFailures`: messages that
 * it returns are delivered again, and the others are not.
 *
 * `onRefused` is called with each payout that the bank refused under its key. When it fails, the message comes again as well.
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
      // Once the rights or a clock are mended, the same call can succeed: it goes back to the queue, as everything without an answer does.
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

import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { HEADERS } from '../../client/contract/schemas.ts';
import { toEvent } from '../../functions/memory/gateway.ts';
import { newKey } from '../support/keys.ts';

/** A deposit of 10 under a new key, as API Gateway passes it to the function. */
export function depositEvent(account: string): APIGatewayProxyEventV2 {
  return toEvent(
    {
      method: 'POST',
      target: `/accounts/${account}/deposits`,
      rawHeaders: [
        ...['content-type', 'application/json'],
        ...[HEADERS.idempotencyKey, newKey()],
        ...[HEADERS.replyCache, 'no'],
      ],
      body: Buffer.from(JSON.stringify({ amount: '10' })),
      sourceIp: '127.0.0.1',
    },
    randomUUID(),
    Date.now(),
  );
}

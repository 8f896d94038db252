import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';

/** What the bundle of a function exports. */
export type Handler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

export interface FunctionSettings {
  readonly functionName: string;
  readonly region: string;
  readonly timeoutMs: number;
}

/** Calls a handler as Lambda does: with a clock that runs down, and no longer than its time-out. */
export async function invoke(
  handler: Handler,
  event: APIGatewayProxyEventV2,
  settings: FunctionSettings,
): Promise<APIGatewayProxyStructuredResultV2> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Task timed out after ${settings.timeoutMs / 1000} seconds`)),
      settings.timeoutMs,
    );
  });
  try {
    return await Promise.race([handler(event, createContext(settings)), timedOut]);
  } finally {
    clearTimeout(timer);
  }
}

function createContext({ functionName, region, timeoutMs }: FunctionSettings): Context {
  const deadlineMs = performance.now() + timeoutMs;
  const awsRequestId = randomUUID();
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${region}:000000000000:function:${functionName}`,
    memoryLimitInMB: '512',
    awsRequestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: `local/[$LATEST]${awsRequestId.replaceAll('-', '')}`,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadlineMs - performance.now())),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}

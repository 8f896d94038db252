import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';

/** What the bundle of the function behind the API exports. */
export type Handler = LambdaHandler<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;

/** What the bundle of any function exports. */
export type LambdaHandler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

export interface FunctionSettings {
  readonly functionName: string;
  readonly region: string;
  readonly timeoutMs: number;
}

/** Calls a handler as Lambda does: with a clock that runs down, and no longer than its time-out. */
export async function invoke<Event, Result>(
  handler: LambdaHandler<Event, Result>,
  event: Event,
  settings: FunctionSettings,
): Promise<Result> {
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

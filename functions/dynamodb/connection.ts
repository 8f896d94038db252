import { once, setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type $Command,
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  type DynamoDBClientResolvedConfig,
  DynamoDBServiceException,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { getEndpointFromInstructions, toEndpointV1 } from '@smithy/core/endpoints';
import { getRetryAfterHint, isThrottlingError, isTransientError } from '@smithy/core/retry';
import { SignatureV4 } from '@smithy/signature-v4';
import type {
  ClientProtocol,
  EndpointBearer,
  HttpRequest,
  HttpResponse,
  OperationSchema,
  RetryStrategyV2,
  RetryToken,
  SdkError,
  StaticOperationSchema,
} from '@smithy/types';
import { StoreUnavailableError } from '../bank/unavailable.ts';

/** A command of the SDK. */
type Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = $Command<
  Input,
  Output,
  DynamoDBClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>;

type Context = DynamoDBClientResolvedConfig & EndpointBearer;

/**
 * DynamoDB's answer. With `mayArrive`, an earlier HTTP attempt was not answered and may still be executed. It does no harm once an entry
 * guards the key; until then the bank must not say that the call was not executed.
 */
export type DynamoDbAnswer<Output> =
  | { readonly kind: 'done'; readonly output: Output; readonly mayArrive: boolean }
  | {
      readonly kind: 'condition_failed';
      /** The existing item, if the command asks for it and there is one. */
      readonly item: Record<string, AttributeValue> | undefined;
      readonly mayArrive: boolean;
    };

/**
 * System calls of Node that come before a request is sent. The code of an error proves nothing: an open connection can break with
 * EHOSTUNREACH too, after the request has arrived.
 */
const BEFORE_SENDING = new Set(['getaddrinfo', 'connect']);

/** Names of a 4xx from a host on the way that stopped waiting. It may have forwarded the request. */
const GAVE_UP_WAITING = new Set(['RequestAbortedException', 'RequestTimeout', 'RequestTimeoutException']);

/**
 * Sends commands with the parts of an SDK client: its endpoint rules, serializer, signer, HTTP handler and retry strategy.
 *
 * `client.send` would combine them too, but it reports only the error of the last HTTP attempt, and the bank must know of each one whether
 * it may have been executed. And the SDK's chain of middleware takes more CPU time than the rest of a call (`npm run bench -- cpu`). Two
 * things that the SDK does are missing here: it corrects a wrong clock, and it tells AWS its version.
 */
export class Connection {
  readonly #client: DynamoDBClient;
  readonly #onAttemptError: (errorName: string) => void;
  readonly #signer: SignatureV4;
  #context: Promise<Context> | undefined;

  /** `onAttemptError` receives the name of the error of each failed HTTP attempt, also if a retry succeeds. */
  constructor(client: DynamoDBClient, onAttemptError: (errorName: string) => void = () => {}) {
    const { credentials, region, sha256 } = client.config;
    this.#client = client;
    this.#onAttemptError = onAttemptError;
    this.#signer = new SignatureV4({ service: 'dynamodb', region, credentials, sha256 });
  }

  /** Sends a command that has no condition. Errors: as {@link send}. */
  async ask<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: Command<Input, Output>,
    signal: AbortSignal,
  ): Promise<Output> {
    const answer = await this.send(command, signal);
    if (answer.kind === 'done') {
      return answer.output;
    }
    throw new StoreUnavailableError(
      'unknown',
      'DynamoDB says that a condition failed, but the request had none',
    );
  }

  /**
   * Sends a command, with as many retries as the client's retry strategy allows, until the signal is aborted.
   *
   * Throws {@link StoreUnavailableError} if there is no answer. Its `executed` covers all attempts: a first attempt that timed out may
   * have been executed, whatever the error of the last one ("throttled", "connection refused").
   */
  async send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: Command<Input, Output>,
    signal: AbortSignal,
  ): Promise<DynamoDbAnswer<Output>> {
    const operation = operationOf(command.schema as StaticOperationSchema);
    const retries = (await this.#client.config.retryStrategy()) as RetryStrategyV2;
    let token: RetryToken | undefined = await retries.acquireInitialRetryToken('');
    let mayArrive = false;
    for (;;) {
      let wasSent = false;
      try {
        const request = await this.#requestOf(operation, command.input);
        signal.throwIfAborted();
        wasSent = true;
        const output = await this.#exchange<Output>(operation, request, signal);
        retries.recordSuccess(token);
        return { kind: 'done', output, mayArrive };
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          retries.recordSuccess(token);
          return { kind: 'condition_failed', item: error.Item, mayArrive };
        }
        this.#onAttemptError(error instanceof Error ? error.name : '');
        mayArrive ||= wasSent && !certainlyNotExecuted(error);
        token = await tokenForRetry(retries, token, error as SdkError, signal);
        if (token === undefined) {
          throw new StoreUnavailableError(
            mayArrive ? 'unknown' : 'no',
            `DynamoDB did not answer: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
            { cause: error },
          );
        }
      }
    }
  }

  async #requestOf(operation: OperationSchema, input: object): Promise<HttpRequest> {
    this.#context ??= contextOf(this.#client.config).catch((error) => {
      // The next command tries again.
      this.#context = undefined;
      throw error;
    });
    const context = await this.#context;
    const request = await protocolOf(context).serializeRequest(operation, input, context);
    request.headers['host'] = request.hostname + (request.port === undefined ? '' : `:${request.port}`);
    request.headers['content-length'] = String(context.bodyLengthChecker(request.body));
    return await this.#signer.sign(request);
  }

  async #exchange<Output extends ServiceOutputTypes>(
    operation: OperationSchema,
    request: HttpRequest,
    abortSignal: AbortSignal,
  ): Promise<Output> {
    const { config } = this.#client;
    // The requests of a sweep share its signal, and Node warns of a leak when more than ten listen to one.
    setMaxListeners(0, abortSignal);
    const { response } = await config.requestHandler.handle(request, { abortSignal });
    try {
      return await protocolOf(config).deserializeResponse(operation, config, response);
    } catch (error) {
      // The retry strategy reads when to retry from the response, and if the answer is a proxy's HTML, the status says whether to retry.
      const $metadata = { httpStatusCode: response.statusCode };
      throw Object.assign(error as Error, {
        $response: response,
        ...(error instanceof DynamoDBServiceException ? {} : { $metadata }),
      });
    }
  }
}

function protocolOf({
  protocol,
}: Pick<DynamoDBClientResolvedConfig, 'protocol'>): ClientProtocol<HttpRequest, HttpResponse> {
  return protocol as ClientProtocol<HttpRequest, HttpResponse>;
}

/** Converts the schema of a command to the form that protocols take. */
function operationOf([, namespace, name, traits, input, output]: StaticOperationSchema): OperationSchema {
  return { namespace, name, traits, input, output };
}

/**
 * Makes the context that commands are serialized with. It is the same for all commands: none names a table by its ARN, and the endpoint
 * depends otherwise only on the AWS account, which is always the same.
 */
async function contextOf(config: DynamoDBClientResolvedConfig): Promise<Context> {
  const endpoint = await getEndpointFromInstructions({}, UpdateItemCommand, { ...config });
  return { ...config, endpoint: () => Promise.resolve(toEndpointV1(endpoint)) };
}

/** Waits as long as the retry strategy says. Returns undefined if it allows no further attempt, or if the signal is aborted. */
async function tokenForRetry(
  retries: RetryStrategyV2,
  token: RetryToken,
  error: SdkError,
  signal: AbortSignal,
): Promise<RetryToken | undefined> {
  if (signal.aborted) {
    return undefined;
  }
  const kind = isTransientError(error) ? 'TRANSIENT' : 'CLIENT_ERROR';
  const errorType = isThrottlingError(error) ? 'THROTTLING' : kind;
  const retryAfterHint = getRetryAfterHint(error.$response);
  const info = { error, errorType, ...(retryAfterHint === undefined ? {} : { retryAfterHint }) } as const;
  const settled = new AbortController();
  const aborted = once(signal, 'abort', { signal: settled.signal }).then(() => undefined);
  try {
    const next = await Promise.race([retries.refreshRetryTokenForRetry(token, info), aborted]);
    await sleep(next?.getRetryDelay(), undefined, { signal });
    return next;
  } catch {
    // The retry strategy throws if it allows no retry, and `sleep` if the signal is aborted. The caller reports the attempt's own error.
    return undefined;
  } finally {
    settled.abort();
  }
}

/** True if DynamoDB rejected the request (a 4xx: throttled, in conflict, not allowed), or never got it. */
function certainlyNotExecuted(error: unknown): boolean {
  if (!(error instanceof DynamoDBServiceException)) {
    return neverSent(error);
  }
  // Without a request id the answer is a proxy's, and a proxy may replace the answer of DynamoDB after the request was executed.
  const { httpStatusCode: status = 0, requestId } = error.$metadata;
  return (
    requestId !== undefined &&
    status >= 400 &&
    status < 500 &&
    status !== 408 &&
    !GAVE_UP_WAITING.has(error.name)
  );
}

function neverSent(error: unknown): boolean {
  if (error instanceof AggregateError) {
    // A host with several addresses fails with an error for each of them.
    return error.errors.length > 0 && error.errors.every(neverSent);
  }
  return error instanceof Error && BEFORE_SENDING.has((error as NodeJS.ErrnoException).syscall ?? '');
}

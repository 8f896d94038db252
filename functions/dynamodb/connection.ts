import { once } from 'node:events';
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
import { StoreUnavailableError } from '../bank/store.ts';

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
 * DynamoDB's answer. With `mayArrive`, an earlier HTTP attempt was not answered and may still be executed. It can do no harm once
 * an entry guards the key; until then the bank must not say that nothing has happened.
 */
export type DynamoDbAnswer<Output> =
  | { readonly kind: 'done'; readonly output: Output; readonly mayArrive: boolean }
  | {
      readonly kind: 'condition failed';
      /** The item that is there, if the command asks for it and there is one. */
      readonly item: Record<string, AttributeValue> | undefined;
      readonly mayArrive: boolean;
    };

/**
 * System calls of Node that come before a request is sent. The code of an error does not say it: a connection that was
 * open can break with EHOSTUNREACH as well, behind a request that has arrived.
 */
const BEFORE_SENDING = new Set(['getaddrinfo', 'connect']);

/** Names under which a 4xx says that a host on the way gave up waiting: it may have handed the request on. */
const GAVE_UP_WAITING = new Set(['RequestAbortedException', 'RequestTimeout', 'RequestTimeoutException']);

/**
 * Sends commands with the parts of an SDK client: its endpoint rules, serializer, signer, HTTP handler and retry strategy.
 *
 * `client.send` puts them together as well, but it reports the error of the last HTTP attempt only, and the bank must know of each
 * one whether it may have been executed. And the SDK's chain of middleware takes more CPU time than the rest of a call
 * (`npm run bench -- cpu`). What is left out corrects a wrong clock, and names the SDK to AWS.
 */
export class Connection {
  readonly #client: DynamoDBClient;
  readonly #onAttemptError: (errorName: string) => void;
  readonly #signer: SignatureV4;
  #context: Promise<Context> | undefined;

  /** `onAttemptError` receives the name of the error of each HTTP attempt that failed, those included that a retry makes up for. */
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
    throw new StoreUnavailableError('unknown', 'DynamoDB says that a condition failed, and none was sent');
  }

  /**
   * Sends a command, again and again as far as the client's retry strategy allows, until the signal is aborted.
   *
   * Throws {@link StoreUnavailableError} when there is no answer. Its `executed` is true of every attempt: a first one that timed out
   * may have been executed, whatever the last one says ("throttled", "connection refused").
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
          return { kind: 'condition failed', item: error.Item, mayArrive };
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
      // What is missing now may be there for the next command.
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
    const { response } = await config.requestHandler.handle(request, { abortSignal });
    try {
      return await protocolOf(config).deserializeResponse(operation, config, response);
    } catch (error) {
      // DynamoDB may say when to come again; of a proxy's "502 Bad Gateway" in HTML, the status says whether another attempt may help.
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

/** The form that protocols take, of the form that commands have. */
function operationOf([, namespace, name, traits, input, output]: StaticOperationSchema): OperationSchema {
  return { namespace, name, traits, input, output };
}

/**
 * What commands are serialized with. It is the same for each of them: none names a table by its ARN, and the credentials are always
 * those of one AWS account, which decide on the endpoint as well.
 */
async function contextOf(config: DynamoDBClientResolvedConfig): Promise<Context> {
  const endpoint = await getEndpointFromInstructions({}, UpdateItemCommand, { ...config });
  return { ...config, endpoint: () => Promise.resolve(toEndpointV1(endpoint)) };
}

/** Waits as long as the retry strategy says. Returns nothing when it allows no further attempt, or the signal is aborted. */
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
    // So does a strategy say that it allows none, and a signal that it is aborted. The attempt's own error says more.
    return undefined;
  } finally {
    settled.abort();
  }
}

/** True when DynamoDB turned the request away (a 4xx: throttled, in conflict, not allowed), or never saw it. */
function certainlyNotExecuted(error: unknown): boolean {
  if (!(error instanceof DynamoDBServiceException)) {
    return neverSent(error);
  }
  // Without a request id it is a proxy's answer: a proxy may look at DynamoDB's answer, and turn that away.
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

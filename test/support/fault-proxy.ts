import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the proxy does with one request. */
export type Fault =
  /** Deliver it and bring the answer back. */
  | { readonly kind: 'pass' }
  /** Cut the connection before anything is delivered. */
  | { readonly kind: 'drop_request' }
  /** Deliver it, wait until it is answered, and cut the connection instead of bringing the answer. */
  | { readonly kind: 'drop_reply' }
  /** Deliver it and never say anything. */
  | { readonly kind: 'hang' }
  /** Neither deliver it nor say anything: it is on its way. */
  | { readonly kind: 'hold' }
  /** Answer in the server's place, without delivering it. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: string };

/** A request on its way through. */
export interface ProxiedRequest {
  /** 1 for the first request that this proxy sees. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTP proxy that fails on command, between a client and a Region or between a Region and DynamoDB. */
export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ProxiedRequest[];
  /** Decides about each request. */
  decide: (request: ProxiedRequest) => Fault;
}

export const PASS: Fault = { kind: 'pass' };

/** What DynamoDB answers when both Regions write one item at once. */
export const REPLICATED_WRITE_CONFLICT: Fault = {
  kind: 'answer',
  status: 400,
  body: JSON.stringify({
    __type: 'com.amazonaws.dynamodb.v20120810#ReplicatedWriteConflictException',
    message: 'One or more items in this request are being modified by a request in another Region.',
  }),
};

/** What a Region that is cut off from its peers answers to writes and strong reads. */
export const INTERNAL_SERVER_ERROR: Fault = {
  kind: 'answer',
  status: 500,
  body: JSON.stringify({
    __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError',
    message: 'Internal server error',
  }),
};

/** Starts a proxy in front of a URL. It passes everything until told otherwise. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const requests: ProxiedRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', () => outgoing.destroy());
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const proxied: ProxiedRequest = {
        number: requests.length + 1,
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: body.toString('utf8'),
      };
      requests.push(proxied);
      apply(proxy.decide(proxied), { target, incoming, outgoing, body });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    decide: () => PASS,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
}

interface Exchange {
  readonly target: string;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly body: Buffer;
}

function apply(fault: Fault, exchange: Exchange): void {
  const { outgoing } = exchange;
  switch (fault.kind) {
    case 'drop_request':
      outgoing.destroy();
      return;
    case 'answer':
      outgoing.writeHead(fault.status, { 'content-type': 'application/x-amz-json-1.0' }).end(fault.body);
      return;
    case 'pass':
      deliver(exchange, (status, headers, body) => outgoing.writeHead(status, headers).end(body));
      return;
    case 'drop_reply':
      deliver(exchange, () => outgoing.destroy());
      return;
    case 'hang':
      deliver(exchange, () => {});
      return;
    case 'hold':
  }
}

function deliver(
  { target, incoming, outgoing, body }: Exchange,
  onAnswer: (status: number, headers: IncomingMessage['headers'], body: Buffer) => void,
): void {
  const upstream = request(
    target + (incoming.url ?? ''),
    { method: incoming.method, headers: incoming.headers },
    (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => onAnswer(answer.statusCode ?? 502, answer.headers, Buffer.concat(chunks)));
    },
  );
  // The server behind is gone: so is the connection in front.
  upstream.on('error', () => outgoing.destroy());
  upstream.end(body);
}

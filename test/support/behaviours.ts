import type { ServerResponse } from 'node:http';
import {
  HEADERS,
  PROBLEM_MEDIA_TYPE,
  PROBLEM_PAGE,
  PROBLEMS,
  type ProblemCode,
} from '../../client/contract/schemas.ts';
import type { BankAnswer, MemoryBank, ReceivedRequest } from './memory-bank.ts';

/** A request and the way to answer it. */
export interface Exchange {
  readonly request: ReceivedRequest;
  readonly response: ServerResponse;
  readonly bank: MemoryBank;
}

/** What an endpoint does with one request. A test that waits for the request continues when the promise is fulfilled. */
export type Behaviour = (exchange: Exchange) => unknown;

/** Executes and answers, as the bank does. */
export const answer: Behaviour = async ({ request, response, bank }) => {
  sendAnswer(response, await bank.handle(request));
};

/** Closes the connection without reading the request. */
export const drop: Behaviour = ({ response }) => {
  response.destroy();
};

/** Resets the connection (RST, not FIN) without reading the request. */
export const reset: Behaviour = ({ response }) => {
  response.socket?.resetAndDestroy();
};

/** Executes the call, then closes the connection: the reply is lost. */
export const loseReply: Behaviour = async ({ request, response, bank }) => {
  await bank.handle(request);
  response.destroy();
};

/** Never answers, and executes nothing. */
export const hang: Behaviour = () => {};

/** Executes the call, and never answers. */
export const executeAndHang: Behaviour = ({ request, bank }) => bank.handle(request);

/** Executes the call, and sends the headers of its answer but never the body. */
export const hangAfterHeaders: Behaviour = async ({ request, response, bank }) => {
  await bank.handle(request);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
};

/** Refuses the request with one of the bank's problems, without reading it. */
export function refuse(code: ProblemCode, members: Readonly<Record<string, unknown>> = {}): Behaviour {
  return ({ request, response }) => {
    const { status, title } = PROBLEMS[code];
    const type = `${PROBLEM_PAGE}#${code}`;
    const detail = `refused: ${code}`;
    sendJson(response, request.region, status, { type, title, status, detail, code, ...members });
  };
}

/** Answers in the bank's place as API Gateway does, with the mark that it puts on every answer. */
export function gateway(status: number, message: string): Behaviour {
  return say(status, JSON.stringify({ message }), {
    'content-type': 'application/json',
    [HEADERS.gatewayRequest]: 'JKJaXmPLvHcESHA=',
  });
}

/** Answers with any text, without executing anything. */
export function say(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Behaviour {
  return ({ response }) => {
    response.writeHead(status, headers).end(text);
  };
}

/** Executes the call, but answers as if another caller had asked. */
export function answerTo(other: { readonly account?: string; readonly key?: string }): Behaviour {
  return async ({ request, response, bank }) => {
    const answered = await bank.handle(request);
    sendAnswer(response, { ...answered, body: { ...answered.body, ...other } });
  };
}

/** Executes the call, announces the answer's length, sends half of it and closes the connection. */
export const truncate: Behaviour = async ({ request, response, bank }) => {
  const text = JSON.stringify((await bank.handle(request)).body);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
  response.write(text.slice(0, text.length / 2), () => response.destroy());
};

/** Answers with a body that has no end. */
export const neverEnd: Behaviour = ({ response }) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const block = ' '.repeat(16 * 1024);
  const pour = () => {
    while (!response.destroyed && response.write(block)) {}
  };
  response.on('drain', pour);
  pour();
};

/** Behaves with another `Date` than the server's own. */
export function withDate(timeMs: number, behaviour: Behaviour): Behaviour {
  return (exchange) => {
    exchange.response.setHeader('date', new Date(timeMs).toUTCString());
    return behaviour(exchange);
  };
}

/** Behaves without a `Date`. */
export function withoutDate(behaviour: Behaviour): Behaviour {
  return (exchange) => {
    exchange.response.sendDate = false;
    return behaviour(exchange);
  };
}

/** Holds requests back until the test releases them. */
export function hold(behaviour: Behaviour): { readonly held: Behaviour; readonly release: () => void } {
  const waiting: (() => unknown)[] = [];
  let released = false;
  return {
    held: (exchange) => {
      if (released) {
        return behaviour(exchange);
      }
      waiting.push(() => behaviour(exchange));
      return undefined;
    },
    release: () => {
      released = true;
      for (const proceed of waiting.splice(0)) {
        proceed();
      }
    },
  };
}

/** Sends an answer of the bank. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: BankAnswer): void {
  response.writeHead(status, headers).end(JSON.stringify(body));
}

/** Sends a body as the bank sends it. */
export function sendJson(response: ServerResponse, region: string, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': status === 200 ? 'application/json' : PROBLEM_MEDIA_TYPE,
    [HEADERS.region]: region,
  });
  response.end(JSON.stringify(body));
}

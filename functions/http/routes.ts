import {
  NO_ROUTE_KEY,
  type Operation,
  operationOf,
  type PathNames,
  routeKeyOf,
} from '../../client/contract/schemas.ts';

/** What a request asks for, with the parts of its path still unchecked. */
export interface Route extends PathNames {
  readonly operation: Operation | 'no_such_route';
  /** Empty where the path has none. */
  readonly account: string;
}

/** The route that the gateway has found, and the request that it found it for, its path decoded. */
export interface RoutedRequest {
  readonly routeKey: string;
  readonly method: string;
  readonly path: string;
}

/**
 * Finds the route of a request. The path is not decoded: API Gateway has decoded it, and decoding once more would give one
 * account a second name that no policy knows.
 *
 * The gateway chose its route, and IAM allowed it, before the path was decoded. If a `%2F` makes the decoded path match another
 * route, IAM has not allowed that one, and the answer is `no_such_route`. So it is if the gateway found no route.
 */
export function routeOf({ routeKey, method, path }: RoutedRequest): Route {
  const found = operationOf(method, path);
  const isRouted = found !== undefined && routeKey !== NO_ROUTE_KEY && routeKeyOf(method, path) === routeKey;
  return { account: '', ...found?.names, operation: isRouted ? found.operation : 'no_such_route' };
}

import {
  NO_ROUTE_KEY,
  type Operation,
  operationOf,
  type PathNames,
  routeKeyOf,
} from '../../client/contract/schemas.ts';

/** The operation of a request, and the names in its path, which are not checked yet. */
export interface Route extends PathNames {
  readonly operation: Operation | 'no_such_route';
  /** Empty if the path has no account. */
  readonly account: string;
}

/** The route that the gateway found, and the request, with its path decoded. */
export interface RoutedRequest {
  readonly routeKey: string;
  readonly method: string;
  readonly path: string;
}

/**
 * Finds the route of a request. It does not decode the path: API Gateway did, and decoding it twice would give an account a second name,
 * which no policy covers.
 *
 * The gateway chose its route, and IAM allowed it, before the path was decoded. If a `%2F` makes the decoded path match another route, IAM
 * has not allowed that one, and the result is `no_such_route`. The same applies if the gateway found no route.
 */
export function routeOf({ routeKey, method, path }: RoutedRequest): Route {
  const found = operationOf(method, path);
  const isRouted = found !== undefined && routeKey !== NO_ROUTE_KEY && routeKeyOf(method, path) === routeKey;
  return { account: '', ...found?.names, operation: isRouted ? found.operation : 'no_such_route' };
}

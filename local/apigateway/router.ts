import type { Route } from './types.ts';

const PROXY = '/{proxy+}';

export type RouteHit = { readonly route: Route; readonly pathParameters: Readonly<Record<string, string>> | null };

/** Path parameters are decoded; what is no UTF-8 stays as it is. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
};

/** Chooses a route: an exact resource before `{proxy+}`, a named method before `ANY`, the longest prefix first. */
export const createRouter = (routes: readonly Route[]) => {
  const exact = routes.filter(({ resource }) => !resource.endsWith(PROXY));
  const proxies = routes
    .filter(({ resource }) => resource.endsWith(PROXY))
    .sort((a, b) => b.resource.length - a.resource.length);

  const byMethod = (candidates: readonly Route[], method: string): Route | undefined =>
    candidates.find((route) => route.method === method) ?? candidates.find((route) => route.method === 'ANY');

  return (method: string, path: string): RouteHit | undefined => {
    const resources = exact.filter(({ resource }) => resource === path);
    if (resources.length > 0) {
      const route = byMethod(resources, method);
      return route === undefined ? undefined : { route, pathParameters: null };
    }
    for (const { resource } of proxies) {
      const base = resource.slice(0, -PROXY.length + 1);
      const rest = path.slice(base.length);
      if (!path.startsWith(base) || rest === '') continue;
      const route = byMethod(
        proxies.filter((proxy) => proxy.resource === resource),
        method,
      );
      return route === undefined ? undefined : { route, pathParameters: { proxy: decoded(rest) } };
    }
    return undefined;
  };
};

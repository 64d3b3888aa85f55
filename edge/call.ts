import type { ParsedId } from '../core/contract/ids.ts';
import type { Route } from '../core/contract/routes.ts';
import type { Principal } from '../core/identity/principal.ts';
import type { Registry } from '../core/identity/registry.ts';
import type { SigningCredentials } from '../core/objects/signing-key.ts';
import type { Budget } from './budget.ts';
import type { SendHttp } from './http.ts';
import type { Notes } from './log.ts';
import type { GateAnswer, GateRequest } from './request.ts';
import type { Runtime } from './runtime.ts';
import type { Steps } from './steps.ts';

/** What the routes need of the world. */
export type RouteDeps = {
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly credentials: SigningCredentials;
  readonly http: SendHttp;
  /** AWS's name of the Region this runs in. */
  readonly edgeRegion: string;
  /** Version of the gateway. */
  readonly version: string;
};

/** One request on its way through the gate. */
export type Call = {
  readonly request: GateRequest;
  readonly route: Route;
  readonly runtime: Runtime;
  readonly budget: Budget;
  readonly steps: Steps;
  readonly notes: Notes;
  /** The query, read and written again. */
  readonly query: string;
};

/** A request whose token is good for its route. */
export type AuthorizedCall = Call & { readonly principal: Principal; readonly registry: Registry };

/** A request for an upload of the caller's own. */
export type UploadCall = AuthorizedCall & { readonly upload: ParsedId };

/** What every file of `routes` makes. */
export type Handle<Kind> = (call: Kind) => GateAnswer | Promise<GateAnswer>;

/** CloudWatch namespace of every metric of nearput. */
export const METRICS_NAMESPACE = 'nearput';

/** Metrics of the gate, each named for the question it answers; alarms and dashboards use the same names. */
export const GATE_METRICS = {
  /** How many grants were made? Count. */
  creates: 'Creates',
  /** Who is refused, and why? Count by code and issuer. */
  refusals: 'Refusals',
  /** Whose tokens come, and what becomes of them? Count by issuer and class: `accepted`, or the exact class of the refusal. */
  tokens: 'Tokens',
  /** How often is the refresher asked for an unknown key? Count by issuer and whether the queue took it. */
  keyAsks: 'KeyAsks',
  /** How long does an answer take? Milliseconds by route. */
  time: 'GateTime',
  /** Which step takes it? Milliseconds each. */
  registryTime: 'GateRegistryTime',
  tokenTime: 'GateTokenTime',
  chooseTime: 'GateChooseTime',
  multipartTime: 'GateMultipartTime',
  signTime: 'GateSignTime',
  eventTime: 'GateEventTime',
  /** How many answers waited for a start? Count. */
  coldStarts: 'GateColdStarts',
  /** How many "created" events were not taken by their queue? Count. */
  createdEventFailures: 'CreatedEventFailures',
  /** How old is the registry that answers? Milliseconds. */
  registryAge: 'GateRegistryAge',
  /** Which policy answers? Its version. */
  policyVersion: 'GatePolicyVersion',
} as const;

/** Metrics of the regional Lambdas. Dimensions only ever hold configured ids, codes and names of ours. */
export const ORIGIN_METRICS = {
  /** Who is refused, and why? Count by code and issuer. */
  refusals: 'Refusals',
  /** Whose tokens come, and what becomes of them? Count by issuer and class: `accepted`, or the exact class of the refusal. */
  tokens: 'Tokens',
  /** How often is the refresher asked for an unknown key? Count by issuer and whether the queue took it. */
  keyAsks: 'KeyAsks',
  /** How long does an answer take? Milliseconds by route. */
  time: 'ApiTime',
  /** How do finalizes end? Count by result: the state, or the code that refused it. */
  finalize: 'Finalize',
  /** How many answers waited for a start? Count. */
  coldStarts: 'ApiColdStarts',
  /** What came of the events? Count by result. */
  events: 'Events',
  /** How late are events? Milliseconds. */
  eventLag: 'EventLag',
  /** Which cells do not answer lists? Count by region. */
  cellUnavailable: 'CellUnavailable',
  /** How old is the registry that answers? Milliseconds. */
  registryAge: 'ApiRegistryAge',
  /** Which policy answers? Its version. */
  policyVersion: 'ApiPolicyVersion',
  /** How do fetches of key sets end? Count by issuer and result. */
  keySetFetches: 'KeySetFetches',
  /** How old is a provider's last good key set? Milliseconds by issuer. */
  keySetAge: 'KeySetAge',
  /** Which provider withdrew every key we knew? Count by issuer, and in all; one is an alarm. */
  keySetWithdrawn: 'KeySetWithdrawn',
  /** Does another Region have a newer policy, or does none answer? 1 while this Region's is unconfirmed, else 0. */
  policyUnconfirmed: 'PolicyUnconfirmed',
} as const;

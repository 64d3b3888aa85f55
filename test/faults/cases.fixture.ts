/** A fault, and the tests that show what must be true nevertheless: file and a piece of the test's name. */
export type Case = readonly [fault: string, ...shownBy: readonly string[]];

const FAULTS = 'test/faults/';
const single = (name: string): string => `${FAULTS}single.integration.test.ts: ${name}`;
const parts = (name: string): string => `${FAULTS}parts.integration.test.ts: ${name}`;
const origin = (name: string): string => `${FAULTS}origin.integration.test.ts: ${name}`;
const storm = (name: string): string => `${FAULTS}storm.integration.test.ts: ${name}`;
const sdkStorage = (name: string): string => `${FAULTS}sdk-storage.e2e.test.ts: ${name}`;
const sdkGateway = (name: string): string => `${FAULTS}sdk-gateway.e2e.test.ts: ${name}`;
const sdkStorm = (name: string): string => `${FAULTS}sdk-storm.e2e.test.ts: ${name}`;
const idempotency = (name: string): string => `${FAULTS}sdk-idempotency.e2e.test.ts: ${name}`;

/** Asking for an upload. */
const ISSUE: readonly Case[] = [
  ['create succeeds, its answer is lost, the client asks again', sdkGateway('whose answer is lost')],
  ['the same Idempotency-Key with another body', idempotency('with another body is another upload')],
  ['the same Idempotency-Key after its upload is done', idempotency('used again after its upload is done')],
  ['two creates at once under one Idempotency-Key', idempotency('of two creates at once ends as one upload')],
  [
    'create arrives late, after the client asked again',
    sdkGateway('that gets no answer in time, and arrives all the same'),
  ],
  [
    'a write to the table commits but its answer is lost',
    origin('writes once when a write commits and its answer is lost'),
  ],
  [
    'the "created" event is lost, late or doubled',
    idempotency('costs nobody an upload'),
    'origin/recorder/handle-batch.test.ts: records a doubled event once',
  ],
  [
    'the provider of keys is down or hangs',
    'test/e2e/identity-providers.e2e.test.ts: is asked seldom, delays nobody, and its known keys still work',
  ],
  ['the token ends between create and finalize', single('whose token ends before finalize')],
  [
    'the signing credentials end before the URL',
    sdkStorage('signed by credentials that have ended'),
    'core/objects/clamp-expiry.test.ts: ends with the credentials when they end first',
  ],
  ["the nearest Region's S3 starts nothing", 'test/e2e/failover.e2e.test.ts: is left for the next Region within 2 s'],
  ["the nearest Region's S3 does not answer the client", sdkStorage('whose S3 does not answer is left for the next')],
  ["the nearest Region's S3 stores all and says nothing", sdkStorage('whose S3 stores everything and says nothing')],
  ['the table is unavailable', origin('answers in time when the table hangs, and finishes when it is back')],
];

/** One PUT, or one form. */
const SINGLE: readonly Case[] = [
  [
    'the line is cut half way',
    single('whose line is cut half way leaves nothing, and works again'),
    sdkStorage('cut on its way'),
  ],
  [
    'stored, the answer is lost, sent again',
    single('whose answer is lost is there: the second is 412'),
    sdkStorage('whose answer is lost'),
  ],
  ['the answer is cut', sdkStorage('whose answer is cut')],
  [
    'sent again while the first is still on its way',
    sdkStorage('that gets no answer in time, and arrives all the same'),
  ],
  [
    'delivered twice, or once more later',
    single('delivered twice makes one version'),
    sdkStorage('delivered again later'),
  ],
  [
    'the URL ends before the PUT',
    single('with a URL that has expired is refused, and a fresh one works'),
    sdkStorage('whose URL has expired'),
  ],
  ['longer body, other type, other checksum', single('of other bytes, type, length or checksum stores nothing')],
  ['a form above or below its length', single('one byte too long or too short stores nothing')],
  ['a form sent again', single('sent again, before or after finalize, leaves one version')],
  ['a form cut half way', single('whose line is cut works again')],
  [
    'a file of no bytes',
    single('of no bytes is an upload like any other'),
    'test/e2e/refused-callers.e2e.test.ts: a size below the issuer',
  ],
  ['a bit flipped on the way, with a checksum', single('with a bit flipped on the way is 400 BadDigest')],
  ['a bit flipped on the way, without a checksum', sdkStorage('with a bit flipped is sent again; without any hash')],
  [
    'S3 is slow, resets, or asks for less',
    single('over a line that is slow or resets arrives'),
    sdkStorage('whose S3 asks for less is not left'),
  ],
  ['S3 answers 200 with an error', sdkStorage('answered 200 with an error and not stored is never success')],
  ['abort races the PUT', single('that races abort ends as one of the two, whole')],
];

/** Many parts. */
const PARTS: readonly Case[] = [
  ['a part is cut on its way', parts('cut on its way is not there, and is sent again')],
  ["a part's answer is lost", parts('whose answer is lost, or that is delivered twice, is there once')],
  [
    'the first try of a part lands after its retry',
    parts('whose first try lands after another one is found by its hash'),
  ],
  [
    'the same while finalize was handed on',
    'origin/worker/handle-work.test.ts: compares what the client said of the parts, whatever was late',
  ],
  [
    'a copy of a part arrives after everything is over',
    parts('whose copy arrives after everything is over changes nothing'),
  ],
  [
    'a bit of a part flipped',
    parts('with a bit flipped on its way is refused'),
    sdkStorage('with a bit flipped is sent again'),
  ],
  ['the client cannot read ETags', 'origin/routes/finalize-multipart.test.ts: needs nothing from anybody'],
  ['the client names a wrong ETag', parts('that names another ETag is 409 naming the part, and open')],
  [
    'a part is missing in the middle',
    'origin/routes/finalize-multipart.test.ts: are 409 parts_missing with the numbers',
  ],
  ['a part of the wrong length', parts('of the wrong length is refused by S3')],
  ['a part too small', 'origin/routes/finalize-trouble.test.ts: EntityTooSmall is 409 part_mismatch'],
  ['finalize twice, or twenty times at once', parts('is one answer for everybody, at once and later')],
  ['Complete is answered 200 with an error', origin('answered 200 with an error, having acted or not')],
  ["Complete's answer is lost, late or cut", origin('whose answer is lost, late, cut or busy ends in the truth')],
  ['Complete takes longer than a request', origin('goes on in the worker when S3 takes longer')],
  ['the queue does not take the work', origin('hands its work on once the queue takes it')],
  ['the worker meets faults', origin('keeps the worker at it until S3 and the table answer again')],
  ['Complete done, the process dies before the record', storm('at every single point of finalize of parts')],
  [
    'Complete done, the client saw an error and aborts',
    origin('done, while the client saw an error and aborts, is complete'),
  ],
  ['abort races Complete', parts('races abort and ends as one of the two, whole')],
  ['abort meets faults', origin('never leaves an abort half done')],
  ['a part comes after abort', parts('that comes after abort is refused')],
  ['two open uploads of one key', parts('takes the named one of two open uploads')],
  [
    'the client is gone for eight days',
    parts('eight days later is 410, and abort frees the parts'),
    'local/s3/lifecycle/due.test.ts: unfinished upload',
  ],
  ["parts' URLs end on the way", parts('whose URL expired while others were on their way')],
  [
    'more than 10,000 parts',
    'test/e2e/bad-input.e2e.test.ts: parts that would be too many',
    'core/objects/plan-parts.test.ts: needs no more than 10,000 parts',
  ],
  ['exactly 10,000 parts', `${FAULTS}ten-thousand.e2e.test.ts: are signed, listed and finalized`],
];

/** What S3 tells, and what a caller deletes. */
const EVENTS: readonly Case[] = [
  ['before finalize, twice, or never', origin('before finalize, after it, twice or never: one transition')],
  ['all of them twice', idempotency('all of them twice, make one transition')],
  [
    'a deletion overtakes the creation',
    origin('of a deletion that overtakes the creation'),
    'origin/record/sequencer.test.ts: count as earlier than all when absent',
  ],
  [
    'one poison message in a batch',
    'origin/recorder/handle-batch.test.ts: lets only a poison message fail',
    'local/data/poller.integration.test.ts: dead-letters the one poison message',
  ],
  [
    'bytes that were not granted',
    origin('of bytes that were not granted: never UPLOADED'),
    'origin/recorder/handle-batch.test.ts: rejects what is not what was granted',
  ],
  ['the recorder meets faults', origin('that the recorder cannot record come again: one transition')],
  ['deleted while a link is out', origin('of a deletion by its caller: no link any more')],
];

/** Processes that die, and weather. */
const CRASHES: readonly Case[] = [
  [
    'finalize, abort, delete, worker and recorder die before or after any call',
    'origin/complete/crash.test.ts: %s, then %s: %s',
  ],
  [
    'they die, and the client goes on with something else',
    'origin/complete/crash.test.ts: and the client goes on with %s: one of the two, whole',
  ],
  ['any number of them at once', 'origin/complete/crash.test.ts: leave an upload that one more call settles'],
  ['the same on running servers', storm('is made good by the next')],
  [
    'everything at once, and a client that insists',
    storm('arrives whole, once, as long as somebody insists'),
    sdkStorm('brings every byte home, once'),
  ],
  [
    'everything at once, and somebody aborts',
    storm('that somebody else aborts ends as one of the two'),
    sdkStorm('cancels whole'),
  ],
  [
    'the client dies',
    sdkStorm('is followed by one that finishes'),
    'test/e2e/transfer-client.e2e.test.ts: killed at about half and begun again',
  ],
  ['the whole platform dies', 'test/e2e/restart.e2e.test.ts: loses nothing acknowledged'],
  ['a spike from cold', 'loadtest/run.external.test.ts: passes when every answer comes in time and everything is kept'],
];

/** Every fault of a transfer that anybody has thought of. */
export const CASES: readonly Case[] = [...ISSUE, ...SINGLE, ...PARTS, ...EVENTS, ...CRASHES];

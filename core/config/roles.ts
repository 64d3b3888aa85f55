import { arns, type Cell, cellNames, type Deployment, OBJECT_PREFIX, REGISTRY_KEYS, TABLE } from './names.ts';

/** Roles that serve all Regions: the gate's, and that of the people who publish and revoke issuers. */
export const GLOBAL_ROLES = ['gate', 'operator'] as const;

/** Roles that every Region has one of. `documents` is API Gateway's for its S3 integration. */
export const CELL_ROLES = ['api', 'authorizer', 'recorder', 'worker', 'refresher', 'reconciler', 'documents'] as const;

/** Roles of a deployment. */
export const ROLES = [...GLOBAL_ROLES, ...CELL_ROLES] as const;
export type RoleName = (typeof ROLES)[number];

/** IAM actions on ARNs, where `*` may stand. */
export type RoleStatement = { readonly actions: readonly string[]; readonly resources: readonly string[] };

/** Where a role works: its own Region and all Regions of the deployment, by AWS name. */
export type RoleScope = Deployment & { readonly regions: readonly string[]; readonly region: string };

const allow = (actions: readonly string[], resources: readonly string[]): RoleStatement => ({ actions, resources });

const namesOf = (cell: Cell) => ({ cell, names: cellNames(cell) });

const allCells = ({ env, account, regions }: RoleScope) => regions.map((region) => namesOf({ env, account, region }));

/** Reading both registry documents of every Region; without ListBucket a missing one is 403, which reads as unavailable. */
const readRegistry = (scope: RoleScope): RoleStatement =>
  allow(
    ['s3:GetObject'],
    allCells(scope).flatMap(({ names }) => [
      arns.objects(names.registryBucket, REGISTRY_KEYS.policy),
      arns.objects(names.registryBucket, REGISTRY_KEYS.keys),
    ]),
  );

const objectsOf = (bucket: string): string => arns.objects(bucket, `${OBJECT_PREFIX}*`);

const ownCell = ({ env, account, region }: RoleScope) => namesOf({ env, account, region });

const readObjects = (scope: RoleScope): readonly RoleStatement[] => {
  const { names } = ownCell(scope);
  return [
    allow(['s3:GetObject', 's3:GetObjectVersion'], [objectsOf(names.bucket)]),
    allow(['s3:ListBucket'], [arns.bucket(names.bucket)]),
  ];
};

const writeRecords = (scope: RoleScope): RoleStatement => {
  const { cell, names } = ownCell(scope);
  return allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [arns.table(cell, names.table)]);
};

const recorder = (scope: RoleScope): readonly RoleStatement[] => {
  const { cell, names } = ownCell(scope);
  return [
    ...readObjects(scope),
    writeRecords(scope),
    allow(['dynamodb:BatchGetItem'], [arns.table(cell, names.table)]),
    removeVersions(scope),
    consume(scope, 'eventsQueue'),
  ];
};

const removeVersions = (scope: RoleScope): RoleStatement =>
  allow(['s3:DeleteObjectVersion'], [objectsOf(ownCell(scope).names.bucket)]);

/**
 * Completing (PutObject) and aborting multipart uploads, and seeing what of them is there.
 * Source: "Multipart upload API and permissions" (Amazon S3 User Guide).
 */
const completeMultiparts = (scope: RoleScope): readonly RoleStatement[] => {
  const { names } = ownCell(scope);
  return [
    allow(['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], [objectsOf(names.bucket)]),
    allow(['s3:ListBucketMultipartUploads'], [arns.bucket(names.bucket)]),
  ];
};

const consume = (scope: RoleScope, queue: 'eventsQueue' | 'workQueue' | 'refreshQueue'): RoleStatement => {
  const { cell, names } = ownCell(scope);
  return allow(
    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
    [arns.queue(cell, names[queue])],
  );
};

const gate = (scope: RoleScope): readonly RoleStatement[] => {
  const cells = allCells(scope);
  return [
    readRegistry(scope),
    allow(
      ['s3:PutObject'],
      cells.map(({ names }) => objectsOf(names.bucket)),
    ),
    // Finding again the open upload of a key; starting one and its parts are PutObject.
    allow(
      ['s3:ListBucketMultipartUploads'],
      cells.map(({ names }) => arns.bucket(names.bucket)),
    ),
    allow(
      ['sqs:SendMessage'],
      cells.flatMap(({ cell, names }) => [arns.queue(cell, names.eventsQueue), arns.queue(cell, names.refreshQueue)]),
    ),
  ];
};

const api = (scope: RoleScope): readonly RoleStatement[] => {
  const { cell, names } = ownCell(scope);
  return [
    readRegistry(scope),
    ...readObjects(scope),
    ...completeMultiparts(scope),
    writeRecords(scope),
    removeVersions(scope),
    allow(
      ['dynamodb:Query'],
      allCells(scope).map((other) => arns.index(other.cell, other.names.table, TABLE.byOwner.name)),
    ),
    allow(['sqs:SendMessage'], [arns.queue(cell, names.workQueue), arns.queue(cell, names.refreshQueue)]),
  ];
};

const refresher = (scope: RoleScope): readonly RoleStatement[] => {
  const { names } = ownCell(scope);
  return [
    readRegistry(scope),
    allow(['s3:PutObject'], [arns.objects(names.registryBucket, REGISTRY_KEYS.keys)]),
    allow(['s3:ListBucket'], [arns.bucket(names.registryBucket)]),
    consume(scope, 'refreshQueue'),
  ];
};

const reconciler = (scope: RoleScope): readonly RoleStatement[] => {
  const { cell, names } = ownCell(scope);
  return [
    ...readObjects(scope),
    writeRecords(scope),
    removeVersions(scope),
    allow(['dynamodb:Query'], [arns.index(cell, names.table, TABLE.due.name)]),
  ];
};

/**
 * Publishing and revoking: the policy and its audit log are written, key sets only read, versions read for rollback, the refreshers asked, and
 * the policies of the uploads buckets changed, to end grants that are out already.
 */
const operator = (scope: RoleScope): readonly RoleStatement[] => {
  const cells = allCells(scope);
  const documents = cells.flatMap(({ names }) => [
    arns.objects(names.registryBucket, REGISTRY_KEYS.policy),
    arns.objects(names.registryBucket, `${REGISTRY_KEYS.auditPrefix}*`),
  ]);
  return [
    allow(['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'], documents),
    allow(
      ['s3:GetObject'],
      cells.map(({ names }) => arns.objects(names.registryBucket, REGISTRY_KEYS.keys)),
    ),
    allow(
      ['s3:ListBucket', 's3:ListBucketVersions'],
      cells.map(({ names }) => arns.bucket(names.registryBucket)),
    ),
    allow(
      ['sqs:SendMessage'],
      cells.map(({ cell, names }) => arns.queue(cell, names.refreshQueue)),
    ),
    allow(
      ['s3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:DeleteBucketPolicy'],
      cells.map(({ names }) => arns.bucket(names.bucket)),
    ),
  ];
};

/**
 * What an operator may never do, whatever a policy allows: who writes a bucket's policy could otherwise allow themselves the bytes in it.
 */
export const operatorDenials = (scope: RoleScope): readonly RoleStatement[] => [
  {
    actions: ['s3:GetObject*', 's3:PutObject*', 's3:DeleteObject*'],
    resources: allCells(scope).map(({ names }) => objectsOf(names.bucket)),
  },
];

/** What a role may do, for IAM policies and for the local platform's own checks alike. */
export const roleStatements = (role: RoleName, scope: RoleScope): readonly RoleStatement[] => {
  switch (role) {
    case 'gate':
      return gate(scope);
    case 'operator':
      return operator(scope);
    case 'api':
      return api(scope);
    case 'authorizer':
      return [readRegistry(scope)];
    case 'recorder':
      return recorder(scope);
    case 'worker':
      return [
        ...readObjects(scope),
        ...completeMultiparts(scope),
        writeRecords(scope),
        removeVersions(scope),
        consume(scope, 'workQueue'),
      ];
    case 'refresher':
      return refresher(scope);
    case 'reconciler':
      return reconciler(scope);
    case 'documents':
      return [allow(['s3:PutObject'], [objectsOf(ownCell(scope).names.bucket)])];
  }
};

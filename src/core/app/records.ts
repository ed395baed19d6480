import type {
  AccountRecord,
  ApiKeyRecord,
  MinerRecord,
  ChallengeRecord,
  IdempotencyRecord,
  AuditRecord,
} from "./records/account-records.ts";
import type {
  TaskRecord,
  DatasetSplitRecord,
  OfferRecord,
  AssignmentRecord,
  TaskEventRecord,
} from "./records/task-records.ts";
import type {
  UploadRecord,
  SubmissionRecord,
  SourceFetchRecord,
  EvaluationRecord,
  FindingRecord,
  ScoreRecord,
} from "./records/submission-records.ts";
import type { WeightSetRecord, WindowFindingRecord, LedgerRecord } from "./records/weight-records.ts";
import type {
  LeaseRecord,
  DeviceRecord,
  OutboxRecord,
  MinerEventRecord,
  NoticeRecord,
  ServerHeartbeatRecord,
} from "./records/platform-records.ts";

export type * from "./records/account-records.ts";
export type * from "./records/task-records.ts";
export type * from "./records/submission-records.ts";
export type * from "./records/weight-records.ts";
export type * from "./records/platform-records.ts";

/**
 * What is stored, table by table: the shapes that use cases read and write through the Store port.
 * Ids are uuids; moments are Dates; hashes are lower-case hex; `jsonb` columns hold plain JSON.
 * The Store port is typed by this map; its keys are the tables.
 */
export interface Tables {
  readonly accounts: AccountRecord;
  readonly apiKeys: ApiKeyRecord;
  readonly miners: MinerRecord;
  readonly challenges: ChallengeRecord;
  readonly idempotencyKeys: IdempotencyRecord;
  readonly tasks: TaskRecord;
  readonly datasetSplits: DatasetSplitRecord;
  readonly offers: OfferRecord;
  readonly assignments: AssignmentRecord;
  readonly uploads: UploadRecord;
  readonly submissions: SubmissionRecord;
  readonly sourceFetches: SourceFetchRecord;
  readonly evaluations: EvaluationRecord;
  readonly findings: FindingRecord;
  readonly scores: ScoreRecord;
  readonly weightSets: WeightSetRecord;
  readonly windowFindings: WindowFindingRecord;
  readonly leases: LeaseRecord;
  readonly devices: DeviceRecord;
  readonly taskEvents: TaskEventRecord;
  readonly outbox: OutboxRecord;
  readonly minerEvents: MinerEventRecord;
  readonly notices: NoticeRecord;
  readonly auditLog: AuditRecord;
  readonly serverHeartbeats: ServerHeartbeatRecord;
  readonly ledger: LedgerRecord;
}

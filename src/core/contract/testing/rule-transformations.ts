import type { Finding } from "../../domain/index.ts";
import type { JudgedField, WindowResult } from "../anti-gaming-rule.ts";

type Judged = JudgedField | readonly WindowResult[];
type Names = ReadonlyMap<string, string>;

const isField = (judged: Judged): judged is JudgedField => "submissions" in judged;

/** Ids that a finding may be about: never the base. */
export function subjectsOf(judged: Judged): ReadonlySet<string> {
  if (!isField(judged)) return new Set(judged.flatMap(({ submissionId }) => submissionId ?? []));
  return new Set([...judged.submissions, ...judged.refused].map(({ id }) => id));
}

/** The same in other orders: reversed, and rotated by each number of places. */
export function permuted(judged: Judged): readonly Judged[] {
  if (!isField(judged)) return orders(judged);
  const refused = judged.refused.toReversed();
  return orders(judged.submissions).map((submissions) => ({ ...judged, submissions, refused }));
}

function orders<T>(items: readonly T[]): readonly (readonly T[])[] {
  return [items.toReversed(), ...items.map((_, places) => [...items.slice(places), ...items.slice(0, places)])];
}

/** The same with other ids, which sort the other way round, and a way back: new name -> old name. */
export function renamed(judged: Judged): { readonly judged: Judged; readonly names: Names } {
  const ids = new Set(
    isField(judged)
      ? fieldIds(judged)
      : judged.flatMap(({ submissionId, minerId }) => (submissionId === null ? [minerId] : [submissionId, minerId])),
  );
  const old = [...ids].toSorted().toReversed();
  const width = String(old.length).length;
  const toNew = new Map(old.map((id, index) => [id, `renamed-${String(index).padStart(width, "0")}`]));
  const rename = (id: string) => toNew.get(id) ?? id;
  const names = new Map([...toNew].map(([from, to]) => [to, from]));
  if (!isField(judged)) {
    const results = judged.map((result) => ({
      ...result,
      submissionId: result.submissionId === null ? null : rename(result.submissionId),
      minerId: rename(result.minerId),
    }));
    return { judged: results, names };
  }
  const submissions = judged.submissions.map((item) => ({
    ...item,
    id: rename(item.id),
    minerId: rename(item.minerId),
  }));
  const refused = judged.refused.map((item) => ({ ...item, id: rename(item.id), minerId: rename(item.minerId) }));
  return { judged: { ...judged, submissions, refused }, names };
}

const fieldIds = (field: JudgedField) =>
  [...field.submissions, ...field.refused].flatMap(({ id, minerId }) => [id, minerId]);

/** A finding with the old names, wherever its evidence has one. */
export function unrename(finding: Finding, names: Names): Finding {
  const back = (text: string): string => names.get(text) ?? text;
  const evidence = JSON.parse(JSON.stringify(finding.evidence), (_key, value: unknown) =>
    typeof value === "string" ? back(value) : value,
  ) as Finding["evidence"]; // JSON stays what it was
  return { ...finding, submission: back(finding.submission), evidence };
}

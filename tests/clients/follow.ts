/** What a client in TypeScript does: it lists, submits, corrects, follows and reads, all by generated types. */
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Media = "application/json" | "application/problem+json";
type Followed = components["schemas"]["CloudEvent"];
type Visit = components["schemas"]["HomeVisitMadeCloudEvent"];
type Entry = components["schemas"]["Entry"];
type VisitEntry = components["schemas"]["HomeVisitMadeEntry"];

const [base, key, school, childId, carer, visitId, correctionId] = process.argv.slice(2) as [
  string, string, string, string, string, string, string,
];
const api = createClient<paths, Media>({ baseUrl: base, headers: { Authorization: `Bearer ${key}` } });

/** Return what was answered, or end with what was wrong. */
function sure<T>(answered: { data?: T; error?: components["schemas"]["Problem"]; response: Response }): T {
  if (answered.data === undefined) throw new Error(`${answered.response.status} ${answered.error?.code}`);
  return answered.data;
}

async function listed(): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = sure(await api.GET("/v1/children", { params: { query: { org: school, limit: 2, cursor } } }));
    found.push(...page.items.map((child) => child.child_id));
    if (page.next === null) return found;
    cursor = page.next;
  }
}

async function followed(since?: string): Promise<{ events: Followed[]; since?: string }> {
  const events: Followed[] = [];
  for (;;) {
    const page = sure(await api.GET("/v1/changes", { params: { query: { since, limit: 2 } } }));
    if (page.items.length === 0) return { events, since: page.next };
    events.push(...page.items);
    since = page.next;
  }
}

const isVisit = (event: Followed): event is Visit => event.type === "careledger.home_visit_made.v1";
const isVisitEntry = (entry: Entry): entry is VisitEntry => entry.type === "home_visit_made";

const path = { child_id: childId };
const before = await followed();
const visit: components["schemas"]["HomeVisitMadeEvent"] = {
  type: "home_visit_made",
  occurred_on: "2026-06-20",
  details: { carers: [carer], outcome: "met", minutes: 40, record: "Cheerful." },
};
// @ts-expect-error A word that is not of the list is refused before it is sent.
export const wrong: typeof visit = { ...visit, details: { carers: [], outcome: "meet" } };
const made = await api.PUT("/v1/children/{child_id}/events/{event_id}", {
  params: { path: { ...path, event_id: visitId } },
  body: visit,
});
const read = await api.GET("/v1/children/{child_id}", { params: { path } });
const child = sure(read);
const etag = read.response.headers.get("etag");
if (etag === null) throw new Error("no ETag");
const correct = (version: string) =>
  api.PUT("/v1/children/{child_id}/events/{event_id}", {
    params: { path: { ...path, event_id: correctionId }, header: { "If-Match": version } },
    body: {
      type: "event_corrected",
      occurred_on: "2026-06-21",
      details: {
        target: visitId,
        fields: { details: { minutes: 45 } },
        reason: "written down wrongly",
        approved_by: "the head",
      },
    },
  });
const stale = await correct('"1"');
const corrected = await correct(etag);
const after = await followed(before.since);
const history = sure(
  await api.GET("/v1/children/{child_id}/history", {
    params: { path, query: { type: "home_visit_made", late: true } },
  }),
);

console.log(
  JSON.stringify({
    listed: await listed(),
    name: child.profile?.name,
    guardian: child.guardian?.relation,
    made: made.response.status,
    stale: [stale.response.status, stale.error?.code],
    corrected: [corrected.response.status, corrected.response.headers.get("etag") !== etag],
    followed: after.events.map((event) => event.type),
    minutes: after.events.filter(isVisit).map((event) => event.data.details?.minutes),
    history: history.items.filter(isVisitEntry).map((entry) => entry.details?.minutes),
  }),
);

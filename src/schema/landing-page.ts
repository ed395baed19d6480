import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Router } from "express";

/** Served from installed packages: the page works without the internet. */
const ASSETS: Readonly<Record<string, readonly [packageFile: string, type: string]>> = {
  "react.js": ["react/umd/react.production.min.js", "text/javascript"],
  "react-dom.js": ["react-dom/umd/react-dom.production.min.js", "text/javascript"],
  "graphiql.js": ["graphiql/graphiql.min.js", "text/javascript"],
  "graphiql.css": ["graphiql/graphiql.min.css", "text/css"],
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Gradients</title>
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="stylesheet" href="/graphiql/graphiql.css" />
    <link rel="stylesheet" href="/graphiql/page.css" />
    <script defer src="/graphiql/react.js"></script>
    <script defer src="/graphiql/react-dom.js"></script>
    <script defer src="/graphiql/graphiql.js"></script>
    <script defer src="/graphiql/start.js"></script>
  </head>
  <body>
    <header>
      <h1>Gradients</h1>
      <p>
        A marketplace where miners compete to fine-tune models. This page talks to the same API as everybody:
        <code>POST /graphql</code>, and WebSocket at the same address. Put a token under <em>Headers</em> as
        <code>{"Authorization": "Bearer …"}</code>.
      </p>
    </header>
    <main id="graphiql">Loading GraphiQL …</main>
  </body>
</html>
`;

const STYLE = `html, body { height: 100%; margin: 0; font-family: system-ui, sans-serif; }
body { display: flex; flex-direction: column; }
header { padding: 8px 16px; }
h1 { display: inline; font-size: 18px; margin-right: 12px; }
header p { display: inline; font-size: 14px; }
main { flex: 1; min-height: 0; }
`;

const START = `const address = new URL("/graphql", location.href);
const socketAddress = new URL(address);
socketAddress.protocol = address.protocol.replace("http", "ws");
const fetcher = GraphiQL.createFetcher({ url: address.href, subscriptionUrl: socketAddress.href });
const defaultQuery = \`# What is going on here? Press the arrow.
{
  taskTypes { kind title }
  tasks(first: 5) {
    nodes { id title status leaderboard { rank strategy weightedLoss miner { name } } }
  }
  leaderboard(first: 5) { nodes { weight miner { name } } }
}
\`;
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, { fetcher, defaultQuery, shouldPersistHeaders: false }),
);
`;

/** The page at /: a few words and GraphiQL. */
export function landingPage(): Router {
  const router = Router();
  router.get("/", (_request, response) => {
    response.type("html").send(PAGE);
  });
  router.get("/graphiql/start.js", (_request, response) => {
    response.type("text/javascript").send(START);
  });
  router.get("/graphiql/page.css", (_request, response) => {
    response.type("text/css").send(STYLE);
  });
  router.get("/graphiql/:asset", async (request, response) => {
    const [file, type] = (Object.hasOwn(ASSETS, request.params.asset) && ASSETS[request.params.asset]) || [];
    if (!file || !type) return response.status(404).end();
    response.set("Cache-Control", "public, max-age=3600").type(type);
    return response.send(await readFile(packageFile(file)));
  });
  return router;
}

/** The package's own folder, wherever npm put it. */
function packageFile(file: string): string {
  const [name = "", ...rest] = file.split("/");
  return fileURLToPath(new URL(rest.join("/"), import.meta.resolve(`${name}/package.json`)));
}

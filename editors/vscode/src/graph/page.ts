/** The page of the graph. The policy lets one script of ours run, and nothing be loaded from anywhere. */
export function page({ script, source, nonce }: { script: string; source: string; nonce: string }): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}' ${source}">
<title>Graph</title>
<style nonce="${nonce}">
  html, body { height: 100%; margin: 0; padding: 0; }
  body { display: flex; flex-direction: column; color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family); font-size: 12px; }
  header { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; padding: 6px 12px; border-bottom: 1px solid var(--vscode-panel-border, #8884); }
  header h1 { font-size: 13px; font-weight: 600; margin: 0 auto 0 0; }
  form { display: flex; gap: 4px; } form[hidden], button[hidden], p[hidden] { display: none; }
  button { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); border: 1px solid var(--vscode-button-border, transparent); border-radius: 3px; padding: 3px 9px; cursor: pointer; font: inherit; }
  button:hover { background: var(--vscode-button-secondaryHoverBackground); }
  button[aria-pressed="true"] { color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
  input, select { color: var(--vscode-input-foreground); background: var(--vscode-input-background); border: 1px solid var(--vscode-input-border, #8886); border-radius: 3px; padding: 2px 6px; font: inherit; width: 9em; }
  select { width: auto; color: var(--vscode-dropdown-foreground); background: var(--vscode-dropdown-background); }
  :focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 1px; }
  #status { padding: 0 12px; min-height: 18px; margin: 4px 0; opacity: .85; }
  #empty { padding: 12px; }
  #frame { flex: 1; overflow: auto; }
  svg { display: block; margin: 0 auto; }
  .node { cursor: pointer; outline: none; --tone: var(--vscode-charts-foreground, #999); }
  .node rect { fill: var(--vscode-editorWidget-background); stroke: var(--vscode-editorWidget-border, #8886); stroke-width: 1; }
  .node .band { fill: var(--tone); stroke: none; }
  .node .name { fill: var(--vscode-editor-foreground); font-size: 12.5px; font-weight: 600; }
  .node .kind { fill: var(--vscode-descriptionForeground); font-size: 10.5px; }
  .node:hover rect:first-of-type, .node:focus-visible rect:first-of-type { stroke: var(--vscode-focusBorder); stroke-width: 1.5; }
  .node.current rect:first-of-type { stroke: var(--vscode-focusBorder); stroke-width: 2.5; }
  .node.source rect:first-of-type { stroke: var(--vscode-charts-orange); stroke-width: 2.5; }
  .kind-variable, .kind-configuration { --tone: var(--vscode-charts-blue, #3794ff); } .kind-cell { --tone: var(--vscode-charts-green, #89d185); }
  .kind-agent, .kind-task { --tone: var(--vscode-charts-purple, #b180d7); } .kind-function { --tone: var(--vscode-charts-orange, #d18616); }
  .kind-node { --tone: var(--vscode-charts-red, #f14c4c); } .kind-action { --tone: var(--vscode-charts-yellow, #cca700); }
  .edge path { fill: none; stroke: var(--vscode-editorWidget-border, #888); stroke: color-mix(in srgb, var(--vscode-editor-foreground) 45%, transparent); stroke-width: 1.4; }
  .edge.call path { stroke-dasharray: 6 3; } .edge.part path { stroke-dasharray: 1.5 3; } .edge.flow path { stroke-width: 2; }
  .edge.current path { stroke: var(--vscode-focusBorder); stroke-width: 2.2; }
  .edge text { fill: var(--vscode-descriptionForeground); font-size: 10.5px; paint-order: stroke; stroke: var(--vscode-editor-background); stroke-width: 4px; }
  #arrow path { fill: color-mix(in srgb, var(--vscode-editor-foreground) 60%, transparent); }
</style>
</head>
<body>
<header>
  <h1 id="title">Graph</h1>
  <form id="add" aria-label="Add a part to the script" hidden>
    <select id="kind" aria-label="Kind"><option value="agent">Agent</option><option value="function">Function</option><option value="variable">Variable</option><option value="node">Workflow node</option></select>
    <input id="name" aria-label="Name" placeholder="Name" maxlength="80">
    <button type="submit">Add</button>
  </form>
  <button id="edge" type="button" aria-pressed="false" hidden>Draw an edge</button>
  <button id="smaller" type="button" aria-label="Smaller">−</button>
  <button id="larger" type="button" aria-label="Larger">+</button>
  <button id="fit" type="button">Fit</button>
</header>
<p id="status" role="status"></p>
<p id="empty" hidden>There is nothing to draw in this script yet.</p>
<main id="frame"><svg id="drawing" role="group" aria-label="Graph of the script"></svg></main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}

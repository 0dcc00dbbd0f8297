// Turns each <textarea data-editor> into an editor; without this file the textarea works as it is.

import { autocompletion, closeBrackets, completeFromList, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { SQLDialect, sql } from "@codemirror/lang-sql";
import { yaml, yamlLanguage } from "@codemirror/lang-yaml";
import { bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";

/** Completes each column by itself: one types SELECT before FROM, and often without an alias. */
function columnsOf(tables) {
  const homes = new Map();
  for (const [table, columns] of Object.entries(tables)) {
    for (const column of columns) homes.set(column, [...(homes.get(column) ?? []), table]);
  }
  const options = [...homes].map(([label, found]) => ({ label, detail: found.join(", "), type: "property" }));
  return (context) => {
    const word = context.matchBefore(/[\w.]+/);
    if (!word || word.text.includes(".") || context.matchBefore(/\b(from|join)\s+\w*/i)) return null;
    return { from: word.from, options, validFor: /^\w*$/ };
  };
}

/** What the server says of the text: tables, columns and the words of its SQL. */
function language(area) {
  const words = JSON.parse(document.getElementById(area.dataset.words)?.textContent ?? "{}");
  if (area.dataset.editor === "yaml") {
    const known = [
      ...(words.keys ?? []).map((label) => ({ label, apply: `${label}: `, type: "property" })),
      ...(words.values ?? []).map((label) => ({ label, type: "constant" })),
    ];
    return [yaml(), yamlLanguage.data.of({ autocomplete: completeFromList(known) })];
  }
  const dialect = SQLDialect.define({
    keywords: words.keywords ?? "",
    builtin: words.functions ?? "",
    types: words.types ?? "",
  });
  const tables = words.tables ?? {};
  const support = sql({ dialect, schema: tables, upperCaseKeywords: true });
  return [support, dialect.language.data.of({ autocomplete: columnsOf(tables) })];
}

/** Marks at the places that the server names in elements [data-problem-line] of the reply. */
function diagnostics(document_, scope) {
  return [...scope.querySelectorAll("[data-problem-line]")].map((element) => {
    const line = document_.line(Math.min(Number(element.dataset.problemLine) || 1, document_.lines));
    const from = Math.min(line.from + Math.max(Number(element.dataset.problemColumn) - 1, 0), line.to);
    const word = /^\w+/.exec(document_.sliceString(from, line.to));
    return {
      from,
      to: Math.min(from + (word ? word[0].length : 1), line.to),
      severity: element.dataset.problemSeverity || "error",
      message: element.dataset.problemMessage || element.textContent.trim(),
    };
  });
}

/** Typing over a selection. Left to itself, Chromium keeps the looks of what goes in an element with a style
 * of its own, which the content security policy blocks, with an error in the console. */
function typeOver(event, view) {
  const { from, to } = view.state.selection.main;
  if (event.inputType !== "insertText" || !event.data || from === to || view.composing) return false;
  const typed = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
  const taken = view.state.facet(EditorView.inputHandler).some((take) => take(view, from, to, event.data, typed));
  if (!taken) view.dispatch(typed());
  event.preventDefault();
  return true;
}

function upgrade(area) {
  const nonce = document.querySelector('meta[name="style-nonce"]')?.content;
  const told = () => area.dispatchEvent(new Event("input", { bubbles: true }));
  const view = new EditorView({
    state: EditorState.create({
      doc: area.value,
      extensions: [
        nonce ? EditorView.cspNonce.of(nonce) : [],
        EditorState.readOnly.of(area.readOnly),
        lineNumbers(), history(), drawSelection(), bracketMatching(), closeBrackets(),
        highlightActiveLine(), lintGutter(), autocompletion({ icons: false }), language(area),
        syntaxHighlighting(classHighlighter),
        EditorView.lineWrapping,
        EditorView.domEventHandlers({ beforeinput: typeOver }),
        EditorView.contentAttributes.of({ "aria-label": area.labels[0]?.textContent.trim() || "Text" }),
        // Tab is left to the page: it must lead out of the editor (WCAG 2.1.2).
        keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          area.value = update.state.doc.toString();
          told();
        }),
      ],
    }),
  });
  area.before(view.dom);
  area.hidden = true;
  area.labels[0]?.addEventListener("click", () => view.focus());
  const target = document.getElementById(area.dataset.problems);
  if (target) {
    const mark = () => view.dispatch(setDiagnostics(view.state, diagnostics(view.state.doc, target)));
    new MutationObserver(mark).observe(target, { childList: true, subtree: true });
    mark();
  }
}

document.querySelectorAll("textarea[data-editor]").forEach(upgrade);

import type { Group, ReportData } from "../data.ts";
import { type Content, html, type Markup } from "./markup.ts";

/** One entry of the table of contents and what stands under it. */
export interface Section {
  id: string;
  title: string;
  /** in the table of contents, where the title is long */
  short?: string;
  body: Content;
}

/** The place where the script draws a chart; without a script the tables beside it say the same. */
export function figure(name: string, caption: Content): Markup {
  return html`<figure class="figure" data-figure="${name}"><div class="canvas"></div><figcaption>${caption}</figcaption></figure>`;
}

/** What the marks mean, with the words for the groups that occur; hollow is before, filled is after. */
export function encoding(data: ReportData, groups: Group[] = ["pivot", "aligned", "unseen"]): Markup {
  const present = groups.filter((group) => data.languages.some((language) => language.group === group));
  const both = data.models.before && data.models.after;
  return html`<ul class="encoding" aria-label="What the marks mean">
${both && html`<li><i class="mark hollow"></i>before</li><li><i class="mark"></i>after</li>`}
${present.map((group) => html`<li><i class="mark ${group}"></i>${data.groups[group]}</li>`)}
</ul>`;
}

/** A section, or the sentence that says why it is empty. */
export function sectionMarkup({ id, title, body }: Section, missing: string | undefined): Markup {
  return html`<section id="${id}"${missing && html` class="empty"`} aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${missing ? html`<p class="missing">${missing}</p>` : body}
</section>\n`;
}

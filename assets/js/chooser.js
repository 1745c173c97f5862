// A template from the whole catalogue, by category, in the language of the screen.
import { createElement as h, useEffect, useMemo, useState } from "react";
import { useT } from "./i18n";

let loading = null;
const catalogue = () => (loading ??= import("./catalogue"));

export function TemplateChooser({ id, value, name, onChoose }) {
  const t = useT();
  const [known, setKnown] = useState(null);
  useEffect(() => {
    catalogue().then(setKnown);
  }, []);
  const groups = useMemo(
    () =>
      (known?.categories ?? []).map((category) => ({
        ...category,
        label: t(category.key, category.name),
        templates: known.templates.filter((one) => one.category === category.id),
      })),
    [known, t],
  );
  const options = groups.map((group) =>
    h(
      "optgroup",
      { key: group.id, label: group.label },
      group.templates.map((one) => h("option", { key: one.id, value: one.id }, t(one.key, one.name))),
    ),
  );
  const first = known ? null : h("option", { value }, value);
  return h("select", { className: "in", id, name, value, onChange: (event) => onChoose(event.target.value) }, first, options);
}

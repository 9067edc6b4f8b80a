// A labelled list to choose one of.

type Option = readonly [value: string, text: string];

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  /** Further options below a heading of their own. */
  readonly more?: { readonly title: string; readonly options: readonly Option[] };
  readonly onChoose: (value: string) => void;
}

export function Choice({ label, value, options, more, onChoose }: ChoiceProps) {
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {options.map(toOption)}
        {more && more.options.length > 0 && <optgroup label={more.title}>{more.options.map(toOption)}</optgroup>}
      </select>
    </label>
  );
}

const toOption = ([key, text]: Option) => (
  <option key={key} value={key}>
    {text}
  </option>
);

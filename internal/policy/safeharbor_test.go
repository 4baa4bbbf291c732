package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/schemas"
	"github.com/claimlake/claimlake/transform"
)

// What an analyst of a Safe Harbor may see of columns that look harmless by their type.
func TestSafeHarborOfColumns(t *testing.T) {
	mappings, err := schemas.Load("")
	must(t, err)
	plan, err := transform.Compile(mappings)
	must(t, err)
	p, err := Compile(Spec{Preset: SafeHarbor}, []byte(secretKey), plan.Schemas())
	must(t, err)
	got := map[string]Action{}
	for _, c := range p.Columns() {
		got[c.Table+"."+c.Name] = c.Action
		if slices.Contains([]string{"latitude", "longitude"}, c.Name) && c.Action != Drop {
			t.Errorf("%s.%s has coordinates", c.Table, c.Name)
		}
	}
	for column, want := range map[string]Action{
		"location.altitude": Drop,
		"explanation_of_benefit_item.pricing_locality_code": Drop,
		"patient_extension.value_code":                      Drop,
		"patient_extension.value_display":                   Drop,
		"patient_extension.value_number":                    Drop,
		"patient_extension.value_boolean":                   Keep,
		"patient_extension.value_date":                      Year,
		"patient_extension.value_address_state":             State,
		"condition.onset_age_value":                         Age,
		"condition.onset_range_high_value":                  Age,
		"procedure.performed_range_low_value":               Age,
		"observation.value_quantity_value":                  Quantity,
		"condition.code_display":                            Display,
		"condition.code_code":                               Code,
		"condition.code_system":                             Keep,
		"claim.tag_codes":                                   Code,
		"claim.security_codes":                              Code,
		"claim.profiles":                                    Drop,
		"patient.address_state":                             State,
		"patient.address_postal_code":                       Zip3,
		"patient.address_city":                              Drop,
		"claim.id":                                          Pseudonymise,
		"claim._version":                                    Rank,
		"claim._hash":                                       Keyed,
		"claim._retrieved_at":                               Year,
		"claim._transaction_time":                           Year,
		"claim_item._version":                               Rank,
		"claim._file_id":                                    Keep,
		"claim._source":                                     Keep,
	} {
		if got[column] != want {
			t.Errorf("%s: %q, want %q", column, got[column], want)
		}
	}
}

const measures = `
resource: Observation
extras: keep
tables:
  - name: observation
    description: One row per observation.
    key: id
    columns:
      - {name: id, path: id, type: id, description: Logical id}
      - {name: code_code, path: code.coding.0.code, type: code, description: Code}
      - {name: code_display, path: code.coding.0.display, type: string, description: Display}
      - {name: codes, path: "code.coding.#.code", type: list(code), description: Codes}
      - {name: state, path: state, type: string, description: State}
      - {name: county, path: county, type: code, description: County}
      - {name: value_quantity_value, path: valueQuantity.value, type: "decimal(18,4)", description: Value}
      - {name: value_quantity_unit, path: valueQuantity.unit, type: code, description: Unit}
      - {name: value_quantity_code, path: valueQuantity.code, type: code, description: Code of the unit}
      - {name: age, path: age, type: int64, description: Age}
`

// Values that are codes, displays, states and quantities by their columns, and more by
// what they say.
func TestSafeHarborOfValues(t *testing.T) {
	m, err := transform.ParseMapping("observation.yaml", []byte(measures))
	must(t, err)
	for name, tc := range map[string]struct{ in, want string }{
		"codes stay":                        {`"code":{"coding":[{"code":"E11","display":"Diabetes"},{"code":"44054006"}]},"state":"NH","county":"033"`, `E11|Diabetes|["E11","44054006"]|NH|-|-|-|-|-`},
		"a display without a code goes":     {`"code":{"coding":[{"display":"Jane's cough"}]}`, `-|-|[]|-|-|-|-|-|-`},
		"dates in codes and displays go":    {`"code":{"coding":[{"code":"seen-2024-03-01","display":"seen on 3/1/2024"},{"code":"x"}]}`, `-|-|["x"]|-|-|-|-|-|-`},
		"numbers of people go":              {`"code":{"coding":[{"code":"123-45-6789","display":"call (603) 555-0199"},{"code":"jane@example.org"}]}`, `-|-|[]|-|-|-|-|-|-`},
		"codes with dashes and dots stay":   {`"code":{"coding":[{"code":"30525-0"},{"code":"0228-3155-03"},{"code":"F11.20"},{"code":"99213"}]}`, `30525-0|-|["30525-0","0228-3155-03","F11.20","99213"]|-|-|-|-|-|-`},
		"a county within a state goes":      {`"state":"Grafton County, NH"`, `-|-|-|-|-|-|-|-|-`},
		"a postal code within a state goes": {`"state":"NH 03601"`, `-|-|-|-|-|-|-|-|-`},
		"years above 89":                    {`"valueQuantity":{"value":93,"unit":"years","code":"a"},"age":101`, `-|-|-|-|-|90|years|a|90`},
		"years, by the unit alone":          {`"valueQuantity":{"value":93,"unit":"Years"}`, `-|-|-|-|-|90|Years|-|-`},
		"months":                            {`"valueQuantity":{"value":1200,"code":"mo"}`, `-|-|-|-|-|1080|-|mo|-`},
		"no years":                          {`"valueQuantity":{"value":193,"unit":"mg/dL","code":"mg/dL"},"age":89`, `-|-|-|-|-|193|mg/dL|mg/dL|89`},
		"no unit":                           {`"valueQuantity":{"value":193}`, `-|-|-|-|-|193|-|-|-`},
	} {
		t.Run(name, func(t *testing.T) {
			plan, err := transform.Compile([]*transform.Mapping{m})
			must(t, err)
			p, err := Compile(Spec{Preset: SafeHarbor}, []byte(secretKey), plan.Schemas())
			must(t, err)
			got := flattened(t, plan, p, `{"resourceType":"Observation","id":"1","note":"SECRET",`+tc.in+`}`)["observation"]
			want := p.secrets().pseudonym("1") + "|" + tc.want + "|-" // the extras
			if diff := cmp.Diff([]string{want}, got); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(strings.Join(got, ""), "SECRET") {
				t.Error("the extras are there")
			}
		})
	}
}

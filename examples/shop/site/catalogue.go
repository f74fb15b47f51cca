package main

import "net/http"

// A product is a thing that the shop sells.
type product struct {
	ID    string // names its page, its drawing and its place in carts
	Price int    // in cents
	Name  words
	Line  words // what it is, in a few words
	About words
	Size  words
}

// catalogue is all that there is, in the order of the shelf. A shop of yours asks its database.
var catalogue = []product{
	{
		ID: "mug", Price: 1800,
		Name: words{"Morning mug", "Morgenbecher"}, Line: words{"Dipped in oat", "In Hafer getaucht"},
		About: words{
			"Thin at the lip and heavy at the foot, with room for three fingers in the handle. The lower half is left bare, so that you feel the clay.",
			"Dünn am Rand und schwer am Fuß, mit Platz für drei Finger im Henkel. Die untere Hälfte bleibt roh, damit man den Ton spürt.",
		},
		Size: words{"330 ml, 9 cm high", "330 ml, 9 cm hoch"},
	},
	{
		ID: "teapot", Price: 6400,
		Name: words{"Teapot for three", "Teekanne für drei"}, Line: words{"Spruce green", "Fichtengrün"},
		About: words{
			"It pours in an arc and stops without a drop. The sieve is part of the pot: leaves stay in, and nothing gets lost in the sink.",
			"Sie gießt im Bogen und hört ohne Tropfen auf. Das Sieb gehört zur Kanne: Blätter bleiben drin, und im Spülbecken geht nichts verloren.",
		},
		Size: words{"900 ml, 14 cm high", "900 ml, 14 cm hoch"},
	},
	{
		ID: "bowl", Price: 2600,
		Name: words{"Soup bowl", "Suppenschale"}, Line: words{"Sea blue inside", "Innen meerblau"},
		About: words{
			"Deep enough for noodles, wide enough for a salad, and it nests: six of them take the space of one and a half.",
			"Tief genug für Nudeln, weit genug für Salat, und stapelbar: sechs davon brauchen den Platz von anderthalb.",
		},
		Size: words{"700 ml, 16 cm across", "700 ml, 16 cm Durchmesser"},
	},
	{
		ID: "jug", Price: 3900,
		Name: words{"Water jug", "Wasserkrug"}, Line: words{"Raw outside", "Außen roh"},
		About: words{
			"Unglazed on the outside, so that a little water comes through and cools the rest. For the table, or for tulips.",
			"Außen ohne Glasur, sodass ein wenig Wasser durchkommt und den Rest kühlt. Für den Tisch, oder für Tulpen.",
		},
		Size: words{"1.2 l, 21 cm high", "1,2 l, 21 cm hoch"},
	},
	{
		ID: "plates", Price: 5200,
		Name: words{"Four plates", "Vier Teller"}, Line: words{"Each a shade of its own", "Jeder ein eigener Ton"},
		About: words{
			"A set for a small table. The rim is just high enough that sauce stays where it belongs.",
			"Ein Satz für einen kleinen Tisch. Der Rand ist gerade so hoch, dass die Soße bleibt, wo sie hingehört.",
		},
		Size: words{"22 cm across", "22 cm Durchmesser"},
	},
	{
		ID: "vase", Price: 4500,
		Name: words{"Bottle vase", "Flaschenvase"}, Line: words{"Ink, with a bare shoulder", "Tinte, mit roher Schulter"},
		About: words{
			"For one branch. The neck is narrow, so that it stands where you put it.",
			"Für einen Zweig. Der Hals ist eng, damit er so steht, wie man ihn stellt.",
		},
		Size: words{"24 cm high", "24 cm hoch"},
	},
	{
		ID: "planter", Price: 3400,
		Name: words{"Window planter", "Fenstertopf"}, Line: words{"With a saucer", "Mit Untersetzer"},
		About: words{
			"A hole in the ground and a saucer below it: your fern asks for no more.",
			"Ein Loch im Boden und ein Untersetzer darunter: mehr verlangt Ihr Farn nicht.",
		},
		Size: words{"15 cm across", "15 cm Durchmesser"},
	},
	{
		ID: "espresso", Price: 2200,
		Name: words{"Espresso pair", "Espressopaar"}, Line: words{"Two cups, two saucers", "Zwei Tassen, zwei Untertassen"},
		About: words{
			"Small, thick and warm. One for you, one for whoever got up as early.",
			"Klein, dick und warm. Eine für Sie, eine für den, der genauso früh auf ist.",
		},
		Size: words{"80 ml each", "je 80 ml"},
	},
}

func findProduct(id string) (product, bool) {
	for _, p := range catalogue {
		if p.ID == id {
			return p, true
		}
	}
	return product{}, false
}

// shelf shows the catalogue. Who only looks gets no cookie.
func (s *shop) shelf(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "shelf", page{Title: "shelf.title", Products: catalogue})
}

// product shows one thing.
func (s *shop) product(w http.ResponseWriter, r *http.Request) {
	p, ok := findProduct(r.PathValue("product"))
	if !ok {
		s.missing(w, r)
		return
	}
	s.render(w, r, http.StatusOK, "product", page{Heading: p.Name, Product: p})
}

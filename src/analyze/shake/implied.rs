//! Elements that come to a page without anybody writing their names.

/// What an editable text gets from its visitors.
const EDITED: &str =
    "a b blockquote br div em font h1 h2 h3 h4 h5 h6 hr i img li ol p pre s span strike strong sub sup u ul";

/// What a script makes that uses this property, method or constructor.
pub fn by_member(name: &str) -> impl Iterator<Item = &'static str> {
    let elements = match name {
        "insertRow" => "tr tbody",
        "insertCell" => "td",
        "createTHead" => "thead",
        "createTBody" => "tbody",
        "createTFoot" => "tfoot",
        "createCaption" => "caption",
        "Option" => "option",
        "Image" => "img",
        "Audio" => "audio",
        "execCommand" | "designMode" | "contentEditable" => EDITED,
        _ => "",
    };
    elements.split_whitespace()
}

/// An element of HTML. `map` is left out: it is what every array has.
pub fn is_element(name: &str) -> bool {
    ELEMENTS.split(' ').any(|element| element == name)
}

const ELEMENTS: &str = "a abbr address area article aside audio b bdi bdo blockquote body br button canvas caption circle cite code col \
    colgroup data datalist dd del details dfn dialog div dl dt ellipse em embed fieldset figcaption figure footer \
    form g h1 h2 h3 h4 h5 h6 header hgroup hr i iframe img input ins kbd label legend li line main mark math menu \
    meter nav object ol optgroup option output p path picture polygon polyline pre progress q rect rp rt ruby s samp \
    search section select slot small source span strong sub summary sup svg table tbody td text textarea tfoot th \
    thead time tr track u ul var video wbr";

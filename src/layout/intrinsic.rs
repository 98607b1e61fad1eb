//! Where the intrinsic width of an image has a part in boxes: the engine does not follow browsers there, so that what it
//! sees tells nothing of files of other widths.

use style::computed_values::flex_direction::T as FlexDirection;
use style::computed_values::float::T as Float;
use style::computed_values::position::T as Position;
use style::properties::{ComputedValues, style_structs};
use style::values::computed::GridTemplateComponent;
use style::values::computed::LengthPercentage;
use style::values::generics::NonNegative;
use style::values::generics::flex::GenericFlexBasis;
use style::values::generics::grid::{TrackBreadth, TrackListValue, TrackSize};
use style::values::generics::length::{GenericMargin, GenericMaxSize, GenericSize};
use style::values::specified::align::AlignFlags;
use style::values::specified::box_::{DisplayInside, DisplayOutside};

type Size = GenericSize<NonNegative<LengthPercentage>>;

/// What the elements around one make of its intrinsic width.
#[derive(Clone, Copy, Default)]
pub struct Containing {
    /// The width of its containing block may come from what is in there (css-sizing-3, §5).
    shrinks: bool,
    parent: Parent,
}

/// What kind of item it is.
#[derive(Clone, Copy, Default)]
enum Parent {
    #[default]
    Flow,
    Row,
    Column {
        /// Of a height that leaves its items no choice.
        tall: bool,
        align: AlignFlags,
    },
    Grid {
        /// Some of several columns are as wide as what is in them.
        content: bool,
        align: AlignFlags,
    },
}

impl Containing {
    /// For what is in an element with this style.
    pub fn inside(self, style: &ComputedValues, tag: &str) -> Self {
        let (display, position) = (style.clone_display(), style.get_position());
        if display.outside() == DisplayOutside::Inline && display.inside() == DisplayInside::Flow {
            // Widths do not apply to inline boxes, but for the engine they do where there is a block in one.
            let limited = !position.width.is_auto()
                || !position.min_width.is_auto()
                || !matches!(position.max_width, GenericMaxSize::None);
            return Self { shrinks: self.shrinks || limited, parent: Parent::Flow };
        }
        let parent = match display.inside() {
            DisplayInside::Flex => match position.flex_direction {
                FlexDirection::Row | FlexDirection::RowReverse => Parent::Row,
                FlexDirection::Column | FlexDirection::ColumnReverse => {
                    Parent::Column { tall: !position.height.is_auto(), align: position.align_items.0 }
                }
            },
            DisplayInside::Grid => Parent::Grid {
                content: has_content_columns(&position.grid_template_columns),
                align: position.justify_items.computed.0.0,
            },
            _ => Parent::Flow,
        };
        Self { shrinks: self.shrinks_to_fit(style, tag), parent }
    }

    /// The width of the element may come from what is in it.
    fn shrinks_to_fit(self, style: &ComputedValues, tag: &str) -> bool {
        let position = style.get_position();
        let absolute = is_absolute(style);
        let width = match self.parent {
            Parent::Row if !absolute => main_size(position),
            _ => Some(&position.width),
        };
        let Some(width) = width else { return true };
        match width {
            GenericSize::LengthPercentage(width) if width.0.to_length().is_some() => false,
            GenericSize::LengthPercentage(_) | GenericSize::Stretch | GenericSize::WebkitFillAvailable => {
                self.shrinks && !absolute
            }
            GenericSize::Auto if absolute => position.left.is_auto() || position.right.is_auto(),
            GenericSize::Auto => {
                let display = style.clone_display();
                let inline = display.outside() == DisplayOutside::Inline;
                let own = inline || style.clone_float() != Float::None || matches!(tag, "button" | "legend");
                own || self.shrinks || self.fits_content(style)
            }
            _ => true,
        }
    }

    /// An item of a container with a width of `auto` is as wide as what is in it, or its column is.
    fn fits_content(self, style: &ComputedValues) -> bool {
        let position = style.get_position();
        match self.parent {
            Parent::Flow => false,
            Parent::Row => true,
            Parent::Column { align, .. } => !stretches(position.align_self.0, align) || has_auto_margin(style),
            Parent::Grid { content, align } => {
                content || !stretches(position.justify_self.0, align) || has_auto_margin(style)
            }
        }
    }

    /// For an image of this style, with this content and this border box, as wide in CSS pixels: files of other widths could
    /// change boxes.
    pub fn is_felt(self, style: &ComputedValues, widths: [f32; 2]) -> bool {
        let position = style.get_position();
        let length = match &position.width {
            GenericSize::LengthPercentage(width) => width.0.to_length(),
            _ => None,
        };
        if is_absolute(style) {
            return false;
        }
        let held = length.is_some_and(|length| widths.iter().any(|w| (w - length.px()).abs() <= 0.5));
        let item = match self.parent {
            Parent::Flow => false,
            // The automatic minimum size: css-flexbox-1, §4.5.
            Parent::Row => !held && (position.min_width.is_auto() || !main_size(position).is_some_and(is_definite)),
            Parent::Column { tall, align } => {
                let wide = is_definite(&position.width) || stretches(position.align_self.0, align);
                !wide || tall && position.min_height.is_auto() && position.flex_shrink.0 > 0.0
            }
            Parent::Grid { content, .. } => content && length.is_none(),
        };
        item || self.shrinks && length.is_none()
    }
}

fn is_absolute(style: &ComputedValues) -> bool {
    matches!(style.clone_position(), Position::Absolute | Position::Fixed)
}

/// Of an item of a row: its flex basis, or its width. `None`: its content's.
fn main_size(position: &style_structs::Position) -> Option<&Size> {
    match &position.flex_basis {
        GenericFlexBasis::Content => None,
        GenericFlexBasis::Size(basis) if !basis.is_auto() => Some(basis),
        GenericFlexBasis::Size(_) => Some(&position.width),
    }
}

fn is_definite(size: &Size) -> bool {
    matches!(size, GenericSize::LengthPercentage(_))
}

fn stretches(own: AlignFlags, container: AlignFlags) -> bool {
    let align = if own.value() == AlignFlags::AUTO { container } else { own };
    matches!(align.value(), AlignFlags::NORMAL | AlignFlags::STRETCH | AlignFlags::AUTO | AlignFlags::LEGACY)
}

fn has_auto_margin(style: &ComputedValues) -> bool {
    let margin = style.get_margin();
    [&margin.margin_left, &margin.margin_right].into_iter().any(|margin| matches!(margin, GenericMargin::Auto))
}

/// One column alone has all the room there is.
fn has_content_columns(columns: &GridTemplateComponent) -> bool {
    let breadth = |b: &TrackBreadth<LengthPercentage>| {
        matches!(b, TrackBreadth::Auto | TrackBreadth::MinContent | TrackBreadth::MaxContent)
    };
    let sized = |size: &TrackSize<LengthPercentage>| match size {
        TrackSize::Breadth(only) => breadth(only),
        TrackSize::Minmax(least, most) => breadth(least) && !matches!(most, TrackBreadth::Flex(_)) || breadth(most),
        TrackSize::FitContent(_) => true,
    };
    match columns {
        GridTemplateComponent::None => false,
        GridTemplateComponent::TrackList(list) => list.values.iter().any(|value| match value {
            TrackListValue::TrackSize(size) => sized(size),
            TrackListValue::TrackRepeat(repeat) => repeat.track_sizes.iter().any(sized),
        }),
        _ => true,
    }
}

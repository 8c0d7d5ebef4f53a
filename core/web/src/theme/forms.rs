//! The pieces of forms that stand on a page a hundred times. They are for the core's own files: a theme calls
//! the kit, which uses them, and so cannot make a form of its own.
use minijinja::{Environment, Error, ErrorKind, State, Value, value::Rest};

use super::{
    functions::{fault, html, icon, write_escaped},
    loader::is_core,
};

pub fn register(env: &mut Environment<'static>) {
    env.add_function("form_open", |state: &State, args: Rest<Value>| made(state, &args, open));
    env.add_function("form_submit", |state: &State, args: Rest<Value>| made(state, &args, submit));
    env.add_function("form_action", |state: &State, args: Rest<Value>| made(state, &args, action));
}

fn made(
    state: &State,
    args: &[Value],
    write: fn(&mut String, &[Value]) -> Result<(), Error>,
) -> Result<Value, Error> {
    if !is_core(state.name()) {
        return Err(fault("forms come from the kit only"));
    }
    let mut out = String::with_capacity(512);
    write(&mut out, args)?;
    Ok(html(out))
}

/// `form_open(action, class, method, label, upload)`
fn open(out: &mut String, args: &[Value]) -> Result<(), Error> {
    let [action, class, method, label, upload] = args else { return Err(miscounted()) };
    out.push_str("<form");
    attribute(out, "action", action)?;
    out.push_str(" method=\"post\"");
    attribute(out, "class", class)?;
    if label.is_true() {
        attribute(out, "aria-label", label)?;
    }
    if upload.is_true() {
        out.push_str(" enctype=\"multipart/form-data\"");
    }
    out.push_str(" accept-charset=\"utf-8\">");
    if method.is_true() {
        hidden(out, &Value::from("_method"), method)?;
    }
    Ok(())
}

/// `form_submit(label, class, sign, name)`
fn submit(out: &mut String, args: &[Value]) -> Result<(), Error> {
    let [label, class, sign, name] = args else { return Err(miscounted()) };
    out.push_str("<button type=\"submit\"");
    attribute(out, "class", class)?;
    if name.is_true() {
        attribute(out, "aria-label", name)?;
    }
    out.push('>');
    if sign.is_true() {
        print(out, &icon(sign.as_str().unwrap_or_default())?)?;
    }
    print(out, label)?;
    out.push_str("</button>");
    Ok(())
}

/// `form_action(url, label, class, sign, name, method, fields)`: a button that is a whole form.
fn action(out: &mut String, args: &[Value]) -> Result<(), Error> {
    let [url, label, class, sign, name, method, fields] = args else { return Err(miscounted()) };
    let no = || Value::from("");
    open(out, &[url.clone(), Value::from("inline"), method.clone(), no(), no()])?;
    for field in fields.try_iter()? {
        hidden(out, &field.get_item_by_index(0)?, &field.get_item_by_index(1)?)?;
    }
    submit(out, &[label.clone(), class.clone(), sign.clone(), name.clone()])?;
    out.push_str("</form>");
    Ok(())
}

fn hidden(out: &mut String, name: &Value, value: &Value) -> Result<(), Error> {
    out.push_str("<input type=\"hidden\"");
    attribute(out, "name", name)?;
    attribute(out, "value", value)?;
    out.push('>');
    Ok(())
}

fn attribute(out: &mut String, name: &str, value: &Value) -> Result<(), Error> {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    print(out, value)?;
    out.push('"');
    Ok(())
}

/// As `{{ value }}` prints it.
fn print(out: &mut String, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        _ if value.is_undefined() => return Err(Error::from(ErrorKind::UndefinedError)),
        Some(text) if value.is_safe() => out.push_str(text),
        Some(text) => write_escaped(out, text)?,
        None => write_escaped(out, &value.to_string())?,
    }
    Ok(())
}

fn miscounted() -> Error {
    fault("a piece of a form lacks arguments, or has too many")
}

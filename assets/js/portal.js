// Everything here is an extra: each page works without it.
const summary = document.querySelector('[data-module="od-error-summary"]')
if (summary) {
  summary.focus()
  summary.addEventListener('click', event => {
    const link = event.target.closest('a[href^="#"]')
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)))
    if (!field) return
    event.preventDefault()
    const top = field.closest('fieldset')?.querySelector('legend') || document.querySelector(`label[for="${CSS.escape(field.id)}"]`)
    top?.scrollIntoView()
    field.focus({ preventScroll: true })
  })
}
// One press is one submission; the buttons come back when the browser shows the page again.
const pause = 3000
for (const form of document.querySelectorAll('form[method=post]')) {
  form.addEventListener('submit', event => {
    if (form.dataset.sent) event.preventDefault()
    form.dataset.sent = '1'
    setTimeout(() => delete form.dataset.sent, pause)
  })
}
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => window.print())
}

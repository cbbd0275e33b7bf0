// Keys for long lists. Links and boxes stay native; this only moves focus between them, and only inside the list.
const keys = {
  get on () { return localStorage.getItem('onedoor-keys') !== 'off' },
  set on (value) { localStorage.setItem('onedoor-keys', value ? 'on' : 'off') }
}
const dialog = document.getElementById('keys')
for (const button of document.querySelectorAll('[data-opens="keys"]')) {
  button.hidden = false
  button.addEventListener('click', () => dialog?.showModal())
}
const toggle = document.querySelector('[data-keys-toggle]')
if (toggle) {
  toggle.checked = keys.on
  toggle.addEventListener('change', () => { keys.on = toggle.checked })
}
const rowLink = row => row?.querySelector('th a')
const look = async row => {
  const panel = document.getElementById('quick-look')
  if (!panel || !row.dataset.look) return
  const answer = await fetch(row.dataset.look, { headers: { 'HX-Request': 'true' } })
  if (!answer.ok) return
  panel.innerHTML = await answer.text()
  panel.classList.remove('od-look--empty')
}
document.addEventListener('keydown', event => {
  const list = event.target.closest?.('#list')
  if (!list || !keys.on || event.ctrlKey || event.metaKey || event.altKey) return
  if (/^(SELECT|TEXTAREA)$/.test(event.target.tagName) || event.target.matches('input:not([type=checkbox])')) return
  const rows = [...list.querySelectorAll('tbody tr')]
  const at = rows.indexOf(event.target.closest('tr'))
  const go = to => { event.preventDefault(); rowLink(rows[Math.max(0, Math.min(rows.length - 1, to))])?.focus() }
  switch (event.key) {
    case 'ArrowDown': case 'j': return go(at + 1)
    case 'ArrowUp': case 'k': return go(at < 0 ? 0 : at - 1)
    case 'Home': return at >= 0 && go(0)
    case 'End': return at >= 0 && go(rows.length - 1)
    case 'x': { const box = rows[at]?.querySelector('.od-tickbox'); if (box) box.checked = !box.checked; return }
    case ' ': if (at >= 0 && event.target.matches('th a')) { event.preventDefault(); look(rows[at]) } return
    case 'Escape': return document.getElementById('quick-look')?.classList.add('od-look--empty')
    case '/': { const search = document.querySelector('.od-filter input'); if (search) { event.preventDefault(); search.focus() } return }
    case '?': return dialog?.showModal()
  }
})
// The account menu closes when focus leaves it, and on Escape.
for (const menu of document.querySelectorAll('details.od-menu')) {
  menu.addEventListener('focusout', event => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false })
  menu.addEventListener('keydown', event => { if (event.key === 'Escape') { menu.open = false; menu.querySelector('summary').focus() } })
}

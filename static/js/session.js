// Says five minutes before that the session ends, and keeps it when asked. Nothing here ends it: the server does.
const place = document.querySelector('[data-session-end]')
const dialog = place?.querySelector('dialog')
if (dialog?.showModal) {
  const data = place.dataset
  const title = dialog.querySelector('#session-end-title')
  const left = dialog.querySelector('#session-end-left')
  const stay = dialog.querySelector('[data-session-stay]')
  const again = dialog.querySelector('[data-session-again]')
  const close = dialog.querySelector('[data-session-close]')
  const shared = 'onedoor-session-until' // a step in another tab keeps this one too
  let until, latest, said, wasClosed
  const store = value => { try { localStorage.setItem(shared, value) } catch { /* storage may be off */ } }
  const stored = () => { try { return Number(localStorage.getItem(shared)) || 0 } catch { return 0 } }
  const begin = (idle, last) => {
    until = Date.now() + idle * 1000
    latest = Date.now() + last * 1000
    said = wasClosed = null
    store(until)
  }
  const say = words => { if (words !== said) left.textContent = said = words }
  const tick = () => {
    const end = Math.min(Math.max(until, stored()), latest)
    const seconds = Math.ceil((end - Date.now()) / 1000)
    if (seconds > Number(data.warning)) { if (dialog.open) dialog.close(); wasClosed = null; return }
    const isOver = seconds <= 0
    const canStay = !isOver && latest - Date.now() > Number(data.warning) * 1000
    stay.hidden = !canStay
    again.hidden = !isOver
    close.hidden = isOver && !dialog.dataset.back
    dialog.toggleAttribute('data-over', isOver)
    title.textContent = isOver ? data.overTitle : data.soonTitle
    dialog.querySelector('[data-session-latest]').hidden = canStay || isOver
    say(isOver ? data.over : seconds < 60 ? data.leftOne : data.leftMany.replace('%n', Math.ceil(seconds / 60)))
    if (!dialog.open && (isOver ? wasClosed !== 'over' : !wasClosed)) dialog.showModal()
  }
  const ask = async () => {
    const answer = await fetch(stay.action, { method: 'POST', body: new FormData(stay), headers: { Accept: 'application/json' }, redirect: 'manual' })
    if (!answer.ok) { until = 0; store(0); return tick() }
    const now = await answer.json()
    begin(now.idle, now.latest)
    dialog.close()
  }
  stay.addEventListener('submit', event => { event.preventDefault(); ask().catch(() => stay.submit()) })
  again.addEventListener('click', () => { dialog.dataset.back = '1'; close.hidden = false })
  close.addEventListener('click', () => { wasClosed = dialog.hasAttribute('data-over') ? 'over' : 'soon'; dialog.close() })
  dialog.addEventListener('cancel', event => { if (dialog.hasAttribute('data-over')) event.preventDefault(); else wasClosed = 'soon' })
  begin(Number(data.idle), Number(data.latest))
  setInterval(tick, 1000)
  document.addEventListener('visibilitychange', tick)
}
